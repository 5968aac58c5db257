"""Messages that come in pieces: over the socket, over HTTP, and after what can go wrong."""

import base64
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chat.actions import drafts
from chat.client import Client, Refused
from chat.commands import AppendPiece, BeginMessage
from chat.errors import ChatError
from chat.files import pieces
from tests import hostile
from tests.clients import Api, Frame, Socket, eventually

SOUND = hostile.sound()


async def begun(socket: Socket, **fields: Any) -> str:
    client_id = uuid.uuid4().hex
    reply = await socket.ask("message.begin", client_id=client_id, model="demo/fast", **fields)
    assert reply["ok"], reply
    return client_id


async def append(socket: Socket, client_id: str, part: int, offset: int, piece: str | bytes) -> Frame:
    said = {"text": piece} if isinstance(piece, str) else {"data": base64.b64encode(piece).decode()}
    return await socket.ask("message.append", client_id=client_id, part=part, offset=offset, **said)


async def test_text_and_sound_in_pieces_are_one_message_over_two_connections(server: Any) -> None:
    """With the same pieces twice, the end twice, and only what the server counted after the reconnect."""
    key = server.keys["alice"]
    async with await Socket.open(server.ws_url, key) as first:
        client_id = await begun(first)
        await append(first, client_id, 0, 0, "Listen 听")
        await append(first, client_id, 1, 0, SOUND[:100])
    async with await Socket.open(server.ws_url, key) as second, Api(server.url, key) as alice:
        again = await second.ask("message.begin", client_id=client_id, model="demo/other")
        repeated = await append(second, client_id, 1, 0, SOUND[:100])
        gap = await append(second, client_id, 1, 500, SOUND[500:])
        rest = await append(second, client_id, 1, gap["error"]["offset"], SOUND[100:])
        ends = [await second.ask("message.end", client_id=client_id) for _ in range(2)]
        late = await append(second, client_id, 1, len(SOUND), b"more")
        begins = await second.ask("message.begin", client_id=client_id)
        message = ends[0]["message"]
        kept = await alice.http.get(f"/api/files/{message['parts'][1]['file_id']}/content/")
        run = await alice.ended(ends[0]["runs"][0]["id"])
    assert [part["offset"] for part in again["draft"]["parts"]] == [10, 100]
    assert (repeated["offset"], rest["offset"]) == (100, len(SOUND))
    assert (gap["error"]["code"], gap["error"]["part"], gap["error"]["offset"]) == ("append_gap", 1, 100)
    assert [part["type"] for part in message["parts"]] == ["text", "audio"]
    assert (message["text"], kept.content) == ("Listen 听", SOUND)
    assert ends[0]["message"]["id"] == ends[1]["message"]["id"] == begins["message"]["id"]
    assert late["error"]["code"] == "draft_not_found"
    assert (run["status"], run["model"]) == ("completed", "fast")


async def test_pieces_go_over_http_with_the_python_client_too(server: Any) -> None:
    async with Client(server.url, server.keys["alice"]) as parley:
        message = await parley.begin(model="demo/fast", text="A file: ")
        await message.write(b"# Notes\n" * 20_000, name="notes.md")
        await message.write("What ", name="")
        await message.write("does it say?")
        sent = await message.end()
        with pytest.raises(Refused) as refused:
            await message.write("too late")
    assert [part["type"] for part in sent["message"]["parts"]] == ["text", "file", "text"]
    assert sent["message"]["text"] == "A file: What does it say?"
    assert sent["message"]["parts"][1]["name"] == "notes.md"
    assert refused.value.code == "draft_not_found"


async def test_what_is_refused_at_the_end_can_be_ended_again(server: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        slow = {"model": "demo/long", "options": {"tokens": 2000, "rate": 50}}
        first = await socket.ask("message.send", client_id=uuid.uuid4().hex, text="Go on", **slow)
        client_id = await begun(socket, session_id=first["session_id"])
        await append(socket, client_id, 0, 0, SOUND)
        refused = await socket.ask("message.end", client_id=client_id)
        await socket.ask("run.cancel", run_id=first["runs"][0]["id"])

        async def sent() -> Frame | None:
            reply = await socket.ask("message.end", client_id=client_id)
            return reply if reply["ok"] else None

        reply = await eventually(sent)
    assert refused["error"]["code"] == "run_active"
    assert reply["message"]["parts"][0]["type"] == "audio"


async def test_nobody_writes_on_with_somebody_elses_message(server: Any) -> None:
    async with (
        await Socket.open(server.ws_url, server.keys["alice"]) as alice,
        await Socket.open(server.ws_url, server.keys["carol"]) as carol,
    ):
        client_id = await begun(alice)
        mine = await append(alice, client_id, 0, 0, "mine")
        foreign = await append(carol, client_id, 0, 4, "and hers")
        ended = await carol.ask("message.end", client_id=client_id)
        secret = await alice.ask("message.send", client_id=uuid.uuid4().hex, text="x", model="demo/fast")
        session = await carol.ask("message.begin", client_id="c", session_id=secret["session_id"])
    assert mine["ok"]
    assert {reply["error"]["code"] for reply in (foreign, ended)} == {"draft_not_found"}
    assert session["error"]["code"] == "not_found"


BAD = [
    ({"part": 0}, "bad_piece"),
    ({"part": 0, "text": "a", "data": "YQ=="}, "bad_piece"),
    ({"part": 0, "data": "no base64!"}, "invalid"),
    ({"part": -1, "text": "a"}, "invalid"),
    ({"part": 0, "offset": 5, "text": "a"}, "append_gap"),
    ({"part": 1, "text": "a"}, "append_gap"),
    ({"part": 0, "text": "a\x00"}, "nul_character"),
]


@pytest.mark.parametrize(("fields", "code"), BAD, ids=range(len(BAD)))
async def test_a_bad_piece_is_refused_and_the_message_stays(server: Any, fields: Frame, code: str) -> None:
    async with await Socket.open(server.ws_url, server.keys["bob"]) as socket:
        client_id = await begun(socket)
        refused = await socket.ask("message.append", client_id=client_id, **fields)
        empty = await socket.ask("message.end", client_id=client_id)
        good = await append(socket, client_id, 0, 0, "good")
        await socket.ask("message.discard", client_id=client_id)
    assert refused["error"]["code"] == code
    assert empty["error"]["code"] == "empty_message"
    assert good["offset"] == 4


# --- limits, with small ones ------------------------------------------------------------


def begin(user: Any, client_id: str = "c") -> None:
    drafts.draft_begin(user=user, command=BeginMessage(client_id=client_id))


def piece(user: Any, part: int, offset: int, data: bytes | str) -> drafts.Taken:
    said: Any = {"text": data} if isinstance(data, str) else {"data": data}
    command = AppendPiece(client_id="c", part=part, offset=offset, **said)
    return drafts.draft_append(user=user, command=command)


@pytest.mark.django_db
def test_drafts_count_against_every_limit(
    alice: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOADS_DIR, settings.FILE_MAX_BYTES, settings.FILE_USER_BYTES = tmp_path, 100, 150
    monkeypatch.setattr(drafts, "MOST_TEXT", 50)
    begin(alice)
    piece(alice, 0, 0, b"x" * 100)
    for part, offset, data, code in (
        (0, 100, b"y", "file_too_large"),
        (1, 0, "z" * 51, "too_large"),
        (1, 0, b"z" * 51, "file_quota"),
    ):
        with pytest.raises(ChatError) as refused:
            piece(alice, part, offset, data)
        assert refused.value.code == code
    for index in range(drafts.AT_ONCE - 1):
        begin(alice, f"more-{index}")
    with pytest.raises(ChatError) as refused:
        begin(alice, "one too many")
    assert refused.value.code == "too_many_drafts"


@pytest.mark.django_db
def test_what_nobody_ended_is_thrown_away_with_its_bytes(
    alice: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOADS_DIR = tmp_path
    begin(alice)
    piece(alice, 0, 0, b"spoken")
    assert drafts.drafts_clean() == 0
    monkeypatch.setattr(drafts, "SILENCE", timedelta(seconds=-1))
    pieces.write(uuid.uuid4(), 0, 0, b"of a row that is gone")
    assert drafts.drafts_clean() == 2
    assert not list(tmp_path.glob("drafts/*"))


@pytest.mark.django_db
def test_lost_bytes_are_said_and_never_filled_with_zeros(alice: Any, settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = tmp_path
    begin(alice)
    piece(alice, 0, 0, b"spoken")
    for path in tmp_path.glob("drafts/*"):
        path.unlink()
    with pytest.raises(ChatError) as refused:
        piece(alice, 0, 6, b" on")
    assert refused.value.code == "draft_lost"
    with pytest.raises(pieces.PiecesLost):
        list(pieces.read(drafts.draft_named(alice, "c").id, 0, 6))
