"""The streaming guide's WebSocket, on a started server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets

from tests.clients import eventually
from tests.gateway.leaving import closed

TEXT = "你好, a family: 👩‍👩‍👧, and more."
ASK = {"messages": [{"role": "user", "content": "你好！"}], "provider_id": "openai/gpt-fake"}


class Guide:
    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def say(self, kind: str, **data: Any) -> None:
        await self.connection.send(json.dumps({"message_type": kind, "data": data}))

    async def hear(self) -> Any:
        return json.loads(await self.connection.recv())

    async def hear_answer(self) -> list[Any]:
        told: list[Any] = []
        while not told or told[-1]["event_type"] not in ("finish", "abort", "error"):
            frame = await self.hear()
            assert frame["message_type"] == "stream_event", frame
            told.append(frame["data"])
        return told

    async def hear_error(self) -> Any:
        frame = await self.hear()
        assert frame["message_type"] == "error", frame
        return frame["data"]


@asynccontextmanager
async def guide(server: Any, user: str = "alice", path: str = "alice", **more: Any) -> AsyncIterator[Guide]:
    headers = {"Authorization": f"Bearer {server.keys[user]}"}
    url = f"ws://127.0.0.1:{server.port}/api/streaming/ws/{path}?session_id=session456"
    async with websockets.connect(url, additional_headers=headers, **more) as connection:
        yield Guide(connection)


def text_of(told: list[Any], source: str | None = None) -> str:
    deltas = (t for t in told if t["event_type"] == "text-delta" and source in (None, t.get("source")))
    return "".join(t["event_data"]["content"] for t in deltas)


async def test_a_chat_request_is_answered_in_the_guides_frames(server: Any, vendor: Any) -> None:
    async with guide(server) as socket:
        for mode in ("standard", "buffered", "chunked", "priority"):
            vendor.play(text=TEXT)
            await socket.say("chat_request", **ASK, generator_mode=mode)
            told = await socket.hear_answer()
            assert text_of(told) == TEXT
            assert told[-1]["event_type"] == "finish"
            assert {t["session_id"] for t in told} == {"session456"}


async def test_several_providers_answer_into_one_stream(server: Any, vendor: Any) -> None:
    vendor.play(text=TEXT)
    names = ["openai/gpt-fake", "anthropic/claude-fake"]
    async with guide(server) as socket:
        await socket.say(
            "chat_request", messages=ASK["messages"], provider_ids=names, generator_mode="interleaved"
        )
        told = await socket.hear_answer()
        told += await socket.hear_answer()
    assert [text_of(told, name) for name in names] == [TEXT, TEXT]


async def test_a_cancelled_answer_ends_and_its_upstream_is_closed(server: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 2000, rate=50)
    async with guide(server) as socket:
        await socket.say("chat_request", **ASK)
        assert (await socket.hear())["data"]["event_type"] == "run-start"
        upstream = vendor.requests[-1]
        await socket.say("chat_request", **ASK)
        frame = await socket.hear()
        while frame["message_type"] != "error":
            frame = await socket.hear()
        assert frame["data"]["code"] == "run_active"
        await socket.say("cancel")
        assert (await socket.hear_answer())[-1]["event_type"] == "abort"
        assert (await socket.hear())["data"] == {"cancelled": True}
        await eventually(lambda: closed(upstream))
        await socket.say("cancel")
        assert (await socket.hear())["data"] == {"cancelled": False}


async def test_who_leaves_stops_the_upstream(server: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 2000, rate=50)
    async with guide(server) as socket:
        await socket.say("chat_request", **ASK)
        await socket.hear()
        upstream = vendor.requests[-1]
    await eventually(lambda: closed(upstream))


async def test_a_ping_is_answered_and_feedback_is_kept(server: Any) -> None:
    async with guide(server) as socket:
        await socket.say("ping")
        assert (await socket.hear())["message_type"] == "pong"
        await socket.say("feedback", rating=1, comment="好")
        frame = await socket.hear()
        assert frame["message_type"] == "feedback_received" and frame["data"]["id"]


@pytest.mark.parametrize(
    ("kind", "data", "code", "field"),
    [
        ("dance", {}, "invalid", "message_type"),
        ("chat_request", {"messages": []}, "invalid", "messages"),
        ("chat_request", {"messages": 1}, "invalid", "messages"),
        ("chat_request", {**ASK, "generator_mode": "wild"}, "invalid", "generator_mode"),
        ("chat_request", {**ASK, "provider_id": "nobody"}, "unknown_provider", None),
        ("feedback", {}, "empty_feedback", "rating"),
        ("feedback", {"rating": "good"}, "invalid", "rating"),
        ("feedback", {"rating": 1, "message_id": "nowhere"}, "not_found", None),
    ],
)
async def test_what_is_wrong_is_told_and_the_socket_stays(
    server: Any, kind: str, data: Any, code: str, field: str | None
) -> None:
    async with guide(server) as socket:
        await socket.say(kind, **data)
        error = await socket.hear_error()
        assert (error["code"], error.get("field")) == (code, field)
        await socket.say("ping")
        assert (await socket.hear())["message_type"] == "pong"


@pytest.mark.parametrize("frame", [b"\x00", "nonsense", "[]", '{"message_type": 1}', '{"data": {}}'])
async def test_what_is_no_frame_is_told(server: Any, frame: Any) -> None:
    async with guide(server) as socket:
        await socket.connection.send(frame)
        assert (await socket.hear_error())["code"] in ("bad_json", "invalid", "binary_frame")


async def test_a_failure_of_the_provider_is_an_event(server: Any) -> None:
    async with guide(server) as socket:
        await socket.say("chat_request", messages=ASK["messages"], provider_id="demo/fail")
        frame = await socket.hear()
        while frame["data"].get("event_type", "error") != "error":
            frame = await socket.hear()
        assert "provider_failed" in json.dumps(frame)


async def code_of(server: Any, path: str, **more: Any) -> int:
    async with websockets.connect(f"ws://127.0.0.1:{server.port}/api/streaming/ws/{path}", **more) as socket:
        await socket.wait_closed()
        return int(socket.close_code or 0)


async def test_only_the_caller_has_this_path(server: Any) -> None:
    key = {"Authorization": f"Bearer {server.keys['alice']}"}
    assert await code_of(server, "alice") == 4401
    assert await code_of(server, "bob", additional_headers=key) == 4403


async def test_too_large_a_frame_ends_the_socket(server: Any) -> None:
    async with guide(server) as socket:
        await socket.say("ping", filler="x" * (1024 * 1024))
        await socket.connection.wait_closed()
        assert socket.connection.close_code == 1009
