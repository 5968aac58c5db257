"""One exchange with a picture, a PDF and a tool, through each door: the same is stored and sent on."""

import base64
import uuid
from typing import Any

import pytest

from tests import hostile
from tests.chat.test_uploading import upload
from tests.clients import Api, Frame, Socket
from tests.fakes.script import Script, ToolCall

MODEL = "openai/gpt-fake"
TEXT = "What do they say?"
PDF = hostile.pdf("Quarterly figures")


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def uploaded(alice: Api) -> list[Frame]:
    files = [await upload(alice, hostile.picture(), "a.png"), await upload(alice, PDF, "q3.pdf")]
    return [*({"type": "file", "file_id": file["id"]} for file in files), {"type": "text", "text": TEXT}]


async def by_rest(server: Any, alice: Api, session_id: str) -> None:
    sent = await alice.send(session_id, "", parts=await uploaded(alice), model=MODEL)
    await alice.ended(sent["runs"][0]["id"])


async def by_socket(server: Any, alice: Api, session_id: str) -> None:
    parts = await uploaded(alice)
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        asked = {"session_id": session_id, "client_id": str(uuid.uuid4()), "parts": parts, "model": MODEL}
        sent = await socket.ask("message.send", **asked)
    await alice.ended(sent["runs"][0]["id"])


async def by_openai(server: Any, alice: Api, session_id: str) -> None:
    picture = {"url": f"data:image/png;base64,{encoded(hostile.picture())}"}
    file = {"filename": "q3.pdf", "file_data": f"data:application/pdf;base64,{encoded(PDF)}"}
    content = [
        {"type": "image_url", "image_url": picture},
        {"type": "file", "file": file},
        {"type": "text", "text": TEXT},
    ]
    await posted(alice, "/v1/chat/completions", session_id, content)


async def by_anthropic(server: Any, alice: Api, session_id: str) -> None:
    def source(media_type: str, data: bytes) -> Frame:
        return {"type": "base64", "media_type": media_type, "data": encoded(data)}

    content = [
        {"type": "image", "source": source("image/png", hostile.picture())},
        {"type": "document", "title": "q3.pdf", "source": source("application/pdf", PDF)},
        {"type": "text", "text": TEXT},
    ]
    await posted(alice, "/v1/messages", session_id, content, max_tokens=99)


async def posted(alice: Api, path: str, session_id: str, content: list[Frame], **more: Any) -> None:
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    answer = await alice.http.post(path, json=body, headers={"X-Parley-Session": session_id})
    assert answer.status_code == 200, answer.text


def shape(message: Frame) -> list[Any]:
    """A message's parts without what is new each time."""
    kept = ("type", "media_type", "text", "arguments", "output", "executor")
    return [{key: part[key] for key in kept if key in part} for part in message["parts"]]


@pytest.mark.parametrize("door", [by_rest, by_socket, by_openai, by_anthropic])
async def test_each_door_stores_the_same_conversation(server: Any, vendor: Any, door: Any) -> None:
    call = ToolCall("calculator", '{"expression": "6*7"}', id="call_a")
    vendor.play_in_turn(Script(text="Let me see.", tools=[call]), Script(text="It is 42."))
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(tools=["calculator"])
        await door(server, alice, session["id"])
        question, answer = (await alice.messages(session["id"])).values()
    assert shape(question) == [
        {"type": "image", "media_type": "image/png"},
        {"type": "file", "media_type": "application/pdf"},
        {"type": "text", "text": TEXT},
    ]
    assert shape(answer) == [
        {"type": "text", "text": "Let me see."},
        {"type": "tool-call", "arguments": call.arguments},
        {"type": "tool-result", "output": "42"},
        {"type": "text", "text": "It is 42."},
    ]
    sent = next(m for m in vendor.requests[-1].body["messages"] if m["role"] == "user")["content"]
    assert [block["type"] for block in sent] == ["image_url", "file", "text"]
    assert sent[1]["file"]["file_data"].endswith(encoded(PDF))
