"""Files in messages: through REST and the socket into the session, on to the provider as it takes them."""

import asyncio
import base64
import uuid
from typing import Any

import pytest

from tests import hostile
from tests.chat.test_uploading import bytes_on_disk, upload
from tests.clients import Api, Frame, Socket

OPENAI, ANTHROPIC = "openai/gpt-fake", "anthropic/claude-fake"


def part(file: Frame, kind: str = "file") -> Frame:
    return {"type": kind, "file_id": file["id"]}


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def answered(api: Api, session: Frame, parts: list[Frame], **fields: Any) -> tuple[Frame, Frame]:
    sent = await api.send(session["id"], "", parts=parts, **fields)
    return sent["message"], await api.ended(sent["runs"][0]["id"])


async def test_an_image_goes_to_each_vendor_in_its_own_way(server: Any, vendor: Any) -> None:
    vendor.play(text="I see.")
    async with Api(server.url, server.keys["alice"]) as alice:
        file = await upload(alice, hostile.picture(), "a photo.png")
        kept = base64_of((await alice.http.get(file["url"])).content)
        session = await alice.session()
        text = {"type": "text", "text": "What is it?"}
        message, _ = await answered(alice, session, [part(file), text], model=OPENAI)
        theirs = vendor.requests[-1].body["messages"][-1]["content"]
        await answered(alice, session, [part(file), text], model=ANTHROPIC)
        others = vendor.requests[-1].body["messages"]
    assert message["parts"][0] == {
        "type": "image",
        "media_type": "image/png",
        "file_id": file["id"],
        "name": "a photo.png",
    }
    assert theirs[0]["image_url"]["url"] == f"data:image/png;base64,{kept}"
    sources = [block["source"] for said in others for block in said["content"] if block["type"] == "image"]
    assert sources == [{"type": "base64", "media_type": "image/png", "data": kept}] * 2


async def test_documents_go_as_pdf_or_as_text(server: Any, vendor: Any) -> None:
    vendor.play(text="Read.")
    async with Api(server.url, server.keys["alice"]) as alice:
        pdf = await upload(alice, hostile.pdf("Quarterly figures"), "q3.pdf")
        word = await upload(alice, hostile.word("The contract"), "contract.docx")
        table = await upload(
            alice, "名称,数值\n今天的天气很好，我们去公园散步。,1\n".encode("gb18030"), "t.csv"
        )
        message, _ = await answered(
            alice, await alice.session(), [part(pdf), part(word), part(table)], model=ANTHROPIC
        )
        blocks = vendor.requests[-1].body["messages"][-1]["content"]
    assert [block["type"] for block in blocks] == ["document", "text", "text"]
    assert blocks[1]["text"].startswith('<file name="contract.docx">\nThe contract')
    assert "今天的天气很好" in blocks[2]["text"]
    assert message["text"] == ""


async def test_what_a_model_cannot_take_is_refused_with_what_it_can(server: Any, vendor: Any) -> None:
    vendor.play(text="never asked")
    async with Api(server.url, server.keys["alice"]) as alice:
        film = await upload(alice, b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 50, "a.mp4")
        session = await alice.session()
        before = len(vendor.requests)
        _, run = await answered(alice, session, [part(film)], model=OPENAI)
        asked = len(vendor.requests) - before
        _, later = await answered(alice, session, [{"type": "text", "text": "Never mind."}], model=OPENAI)
        said = vendor.requests[-1].body["messages"]
    assert (run["status"], run["error"]["code"], asked) == ("failed", "unsupported_content", 0)
    assert run["error"]["message"] == "This model does not take video. It takes text, images and PDF."
    assert later["status"] == "completed"
    assert "[video: a.mp4]" in str(said)


async def test_a_file_belongs_to_the_session_that_uses_it(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        file = await upload(alice, hostile.picture(), "a.png")
        first, second = await alice.session(), await alice.session()
        one, _ = await answered(alice, first, [part(file)], model="demo/fast")
        two, _ = await answered(alice, second, [part(file)], model="demo/fast")
        ids = [message["parts"][0]["file_id"] for message in (one, two)]
        assert ids[0] == file["id"] != ids[1]
        titled = (await alice.http.get(f"/api/sessions/{first['id']}/")).json()["title"]
        await alice.http.delete(f"/api/sessions/{first['id']}/")
        gone = await alice.http.get(f"/api/files/{ids[0]}/content/")
        kept = await alice.http.get(f"/api/files/{ids[1]}/content/")
    assert titled == "a.png"
    assert (gone.status_code, kept.status_code) == (404, 200)
    assert not [path for path in bytes_on_disk(server) if path.name == uuid.UUID(ids[0]).hex]


async def test_bytes_that_come_with_a_message_are_kept_as_files(server: Any) -> None:
    """As base64 or as a data URL; sent twice they are one message and leave nothing beside it."""
    parts = [
        {"type": "image", "data": base64_of(hostile.picture()), "media_type": "text/html", "name": "x.png"},
        {"type": "file", "url": f"data:text/plain;base64,{base64_of(b'words')}", "name": "w.txt"},
        {"type": "image", "url": "https://example.org/cat.png"},
    ]
    async with (
        Api(server.url, server.keys["bob"]) as bob,
        await Socket.open(server.ws_url, server.keys["bob"]) as socket,
    ):
        fields = {"client_id": uuid.uuid4().hex, "parts": parts, "model": "demo/fast"}
        others = {file["id"] for file in (await bob.http.get("/api/files/")).json()["results"]}
        first = await socket.ask("message.send", **fields)
        again = await socket.ask("message.send", **fields)
        listed = {file["id"] for file in (await bob.http.get("/api/files/")).json()["results"]}
    assert again["message"] == first["message"]
    stored = first["message"]["parts"]
    assert [kept.get("media_type") for kept in stored] == ["image/png", "text/plain", None]
    assert stored[2]["url"] == "https://example.org/cat.png"
    assert "data" not in str(stored)
    assert listed - others == {kept["file_id"] for kept in stored[:2]}


BAD_PARTS = [
    ({"type": "image"}, 400, "bad_file"),
    ({"type": "image", "file_id": "no-uuid"}, 404, "file_not_found"),
    ({"type": "image", "file_id": str(uuid.uuid4())}, 404, "file_not_found"),
    ({"type": "image", "file_id": str(uuid.uuid4()), "url": "https://example.org/"}, 400, "bad_file"),
    ({"type": "image", "data": "%%%"}, 400, "bad_base64"),
    ({"type": "image", "data": base64_of(b"MZ\x90\0" + b"\0" * 100)}, 415, "unsupported_file_type"),
    ({"type": "image", "url": "file:///etc/passwd"}, 400, "bad_url"),
    ({"type": "image", "url": "javascript:alert(1)"}, 400, "bad_url"),
    ({"type": "image", "url": "https://example.org/" + "x" * 3000}, 400, "bad_url"),
    ({"type": "image", "path": "/etc/passwd"}, 400, "bad_file"),
]


@pytest.mark.parametrize(("bad", "status", "code"), BAD_PARTS, ids=range(len(BAD_PARTS)))
async def test_bad_parts(server: Any, bad: Frame, status: int, code: str) -> None:
    async with Api(server.url, server.keys["carol"]) as carol:
        session = await carol.session()
        good = {"type": "file", "data": base64_of(b"words"), "name": "w.txt"}
        body = {"client_id": uuid.uuid4().hex, "parts": [good, bad], "model": "demo/fast"}
        response = await carol.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
        left = (await carol.http.get("/api/files/")).json()["results"]
        messages = await carol.messages(session["id"])
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["field"] in ("parts", "file")
    assert not left
    assert not messages


async def test_carol_cannot_send_what_is_alices(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        file = await upload(alice, b"private", "a.txt")
        session = await carol.session()
        body = {"client_id": uuid.uuid4().hex, "parts": [part(file)]}
        response = await carol.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "file_not_found")


async def test_orphans_are_cleaned_and_files_in_use_are_not(own_server: Any) -> None:
    own_server.environment["FILE_ORPHAN_HOURS"] = "0"
    own_server.start()
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        used, unused = await asyncio.gather(upload(alice, b"one", "a.txt"), upload(alice, b"two", "b.txt"))
        await answered(alice, await alice.session(), [part(used)], model="demo/fast")
        own_server.manage("cleanup")
        kept = await alice.http.get(used["url"])
        gone = await alice.http.get(unused["url"])
    assert (kept.content, gone.status_code) == (b"one", 404)
    assert {path.stem for path in bytes_on_disk(own_server)} == {uuid.UUID(used["id"]).hex}
