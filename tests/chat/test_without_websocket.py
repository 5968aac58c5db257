"""The feed of a session and its commands over plain HTTP, as behind a proxy that stops WebSockets."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients import Api, ClientState, Frame

SCRIPT = [step for _ in range(12) for step in ({"text": "你好 🧑‍🚀\u2028 "}, {"wait": 0.01})]


async def _streamed(api: Api, session_id: str, position: Frame | None) -> AsyncIterator[Frame]:
    headers = {"Accept": "text/event-stream"}
    async with api.http.stream("GET", _address(session_id, position), headers=headers) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


async def _polled(api: Api, session_id: str, position: Frame | None) -> AsyncIterator[Frame]:
    """One page."""
    for frame in (await api.http.get(f"{_address(session_id, position)}&wait=5")).json()["frames"]:
        yield frame


def _address(session_id: str, position: Frame | None) -> str:
    return f"/api/sessions/{session_id}/feed/?position={json.dumps(position) if position else ''}"


async def _take(state: ClientState, frames: AsyncIterator[Frame], count: int) -> None:
    async for frame in frames:
        if frame["type"] == "snapshot":
            state.take_snapshot(frame)
        else:
            assert state.apply(frame), f"{frame['seq']} came twice"
        count -= 1
        if count <= 0 or _settled(state):
            return


def _settled(state: ClientState) -> bool:
    return bool(state.runs) and all(run["status"] == "completed" for run in state.runs.values())


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from([_streamed, _polled]), st.integers(1, 12)), max_size=6))
async def test_any_cuts_and_changes_give_the_stored_answer(server: Any, cuts: list[tuple[Any, int]]) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = (await alice.session())["id"]
        state = ClientState()
        await _take(state, _polled(alice, session_id, None), 1)
        await _command(alice, type="message.send", session_id=session_id, text="Go", **_scripted())
        for read, count in cuts:
            if not _settled(state):
                await _take(state, read(alice, session_id, state.position), count)
        while not _settled(state):
            await _take(state, _polled(alice, session_id, state.position), 10_000)
        stored = await alice.messages(session_id)
    assert state.messages == stored
    assert "你好 🧑‍🚀\u2028 " * 12 in [message["text"] for message in stored.values()]


def _scripted() -> Frame:
    return {"client_id": str(uuid.uuid4()), "model": "demo/chat", "options": {"script": SCRIPT}}


async def _command(api: Api, **command: Any) -> Frame:
    response = await api.http.post("/api/commands/", json={"id": "1", **command})
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_a_command_twice_gives_the_same_ids(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        command = {"type": "message.send", "text": "Hi", "client_id": "twice", "model": "demo/fast"}
        first, again = await _command(alice, **command), await _command(alice, **command)
        edited = await _command(
            alice,
            **command | {"client_id": "e", "type": "message.edit", "message_id": first["message"]["id"]},
        )
    assert first["ok"]
    assert (first["message"], _ids(first)) == (again["message"], _ids(again))
    assert edited["message"]["parent_id"] == first["message"]["parent_id"]


def _ids(reply: Frame) -> list[str]:
    return [run["id"] for run in reply["runs"]]


async def test_a_wait_without_news_ends_empty(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = (await alice.session())["id"]
        position = {f"session:{session_id}": 0}
        page = (await alice.http.get(f"{_address(session_id, position)}&wait=0.2")).json()
    assert page == {"frames": []}


@pytest.mark.parametrize("position", ["x", "[1]", '{"a":"b"}', '{"a":1.5}'])
async def test_an_absurd_position_is_a_400(server: Any, position: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = (await alice.session())["id"]
        response = await alice.http.get(f"/api/sessions/{session_id}/feed/?position={position}")
    assert (response.status_code, response.json()["error"]["field"]) == (400, "position")


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
async def test_carol_has_no_part_in_alices_feed(server: Any, accept: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = (await alice.session())["id"]
    async with Api(server.url, server.keys["carol"]) as carol:
        response = await carol.http.get(_address(session_id, None), headers={"Accept": accept})
        command = {"type": "message.send", "session_id": session_id, "client_id": "c", "text": "x"}
        sent = await carol.http.post("/api/commands/", json=command)
    assert (response.status_code, sent.status_code) == (404, 404)


@pytest.mark.parametrize(
    "command", [{}, {"type": "nonsense"}, {"type": "subscribe", "session_id": "x"}, {"type": "message.send"}]
)
async def test_what_is_no_command_here_is_a_400(server: Any, command: Frame) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.post("/api/commands/", json=command)
    assert (response.status_code, response.json()["error"]["code"]) == (
        400,
        "not_over_http" if command.get("type") == "subscribe" else "invalid",
    )
