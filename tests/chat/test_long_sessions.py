"""A long session arrives in several frames that together are one moment, also while it changes."""

import json
from typing import Any

import pytest

from tests.chat.readers import PieceState, Reader, operate
from tests.clients import Api, Frame, Socket

COUNT = 4_000
FILL = """
from chat.models import *
session = ChatSession.objects.get(id='{id}')
Message.objects.bulk_create(
    Message(session=session, role='user', parts=[{{'type': 'text', 'text': f'{{n}} ' + 'x' * 300}}])
    for n in range({count})
)
"""


@pytest.fixture
async def session(server: Any) -> Frame:
    async with Api(server.url, server.keys["alice"]) as alice:
        made = await alice.session()
        await operate(server, FILL.format(id=made["id"], count=COUNT))
        return made


async def test_a_long_session_comes_in_several_frames(server: Any, session: Frame) -> None:
    state, sizes, more = PieceState(), [], []
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.ask("subscribe", session_id=session["id"])
        while not state.position:
            frame = await socket.frame()
            assert (frame["type"], frame["session_id"]) == ("snapshot", session["id"])
            state.take_snapshot(frame)
            sizes.append(len(json.dumps(frame)))
            more.append(frame.get("more", False))
    texts = [message["text"].split()[0] for message in state.messages.values()]
    assert texts == [str(n) for n in range(COUNT)]
    assert len(sizes) > 3
    assert max(sizes) < 700_000
    assert more == [True] * (len(sizes) - 1) + [False]


async def test_the_newest_messages_come_first_in_a_small_frame_where_that_is_asked_for(
    server: Any, session: Frame
) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        reply = await socket.ask("subscribe", session_id=session["id"], newest_first=True)
        frames = [await socket.frame()]
        while frames[-1].get("more"):
            frames.append(await socket.frame())
    numbers = [int(row["text"].split()[0]) for frame in frames for row in frame["messages"]]
    assert numbers == list(reversed(range(COUNT)))
    assert (frames[0]["newest_first"], frames[0]["position"]) == (True, reply["position"])
    assert len(json.dumps(frames[0])) < 100_000 < len(json.dumps(frames[1]))


async def test_a_feed_over_http_takes_the_same_order(server: Any, session: Frame) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        address = f"/api/sessions/{session['id']}/feed/"
        page = await alice.http.get(address, params={"newest_first": "true"})
        refused = await alice.http.get(address, params={"newest_first": "perhaps"})
    assert page.json()["frames"][0]["messages"][0]["text"].startswith(f"{COUNT - 1} ")
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "newest_first")


async def test_an_answer_that_is_written_meanwhile_is_neither_lost_nor_doubled(
    server: Any, session: Frame
) -> None:
    options = {"tokens": 400, "rate": 300}
    async with Api(server.url, server.keys["alice"]) as alice:
        sent = await alice.send(session["id"], model="demo/chat", options=options)
        run = sent["runs"][0]
        texts = []
        for _ in range(3):
            async with await Reader.open(server, session["id"]) as reader:
                texts.append(await reader.read_until(run["id"]) if reader.state.runs else "")
        async with await Reader.open(server, session["id"]) as fresh:
            stored = fresh.state.text(run["message_id"])
    assert len(stored.split()) > 100
    assert texts[0] == stored
