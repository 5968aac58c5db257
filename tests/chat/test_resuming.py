"""Whatever is cut, and wherever, the client ends with what is stored: byte for byte, nothing twice."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients import Api, ClientState, Frame, Socket, read_ndjson, read_poll, read_sse, read_ws

TEXT = "# 标题\n\n- one 🧑‍🚀\n- two\u2028three\u0085four\n\n```python\nprint('héllo')\n```\n"
SCRIPT = [
    step
    for index in range(12)
    for step in ({"reasoning": f"{index}. "}, {"text": TEXT}, {"wait": 0.01 * (index % 3)})
]
TRANSPORTS = ("ws", "sse", "ndjson", "poll")


def _read(
    server: Any, api: Api, transport: str, session_id: str, run_id: str, after: int
) -> AsyncIterator[Frame]:
    if transport == "ws":
        return read_ws(api, server.ws_url, session_id, run_id, after)
    return {"sse": read_sse, "ndjson": read_ndjson, "poll": read_poll}[transport](api, run_id, after)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(TRANSPORTS), st.integers(1, 12)), max_size=8))
async def test_any_cuts_and_any_transports_give_the_stored_answer(
    server: Any, cuts: list[tuple[str, int]]
) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "Go", model="demo/chat", options={"script": SCRIPT})
        run_id, message_id = sent["runs"][0]["id"], sent["runs"][0]["message_id"]
        state = ClientState()
        state.messages = {message_id: {"id": message_id, "status": "running", "parts": []}}
        state.runs = {run_id: {"id": run_id}}
        stream = f"run:{run_id}"
        for transport, count in [*cuts, ("sse", 10_000)]:
            after = state.position.get(stream, 0)
            async with aclosing(_read(server, alice, transport, session["id"], run_id, after)) as frames:  # type: ignore[type-var]
                async for frame in frames:
                    assert state.apply(frame), f"{frame['seq']} came twice"
                    count -= 1
                    if not count:
                        break
        stored = (await alice.messages(session["id"]))[message_id]
    assert [seq for _, seq in state.applied] == list(range(1, len(state.applied) + 1))
    assert state.messages[message_id]["parts"] == stored["parts"]
    assert stored["text"] == TEXT * 12


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 25), min_size=1, max_size=5))
async def test_snapshot_and_events_give_a_fresh_snapshot(server: Any, cuts: list[int]) -> None:
    """A socket that is cut again and again, resumed once from its position and once from a snapshot."""
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        state = ClientState()
        await _subscribed(server, session["id"], state, 0)
        await alice.send(session["id"], "Go", model="demo/chat", options={"script": SCRIPT})
        for count in cuts:
            await _subscribed(server, session["id"], state, count)
        await _subscribed(server, session["id"], state, None)
        fresh = ClientState()
        await _subscribed(server, session["id"], fresh, 0)
    assert state.session == fresh.session
    assert state.messages == fresh.messages
    assert fresh.position.items() <= state.position.items()
    assert not fresh.runs
    assert {run["status"] for run in state.runs.values()} == {"completed"}


async def _subscribed(server: Any, session_id: str, state: ClientState, count: int | None) -> None:
    """One connection: subscribe from the state's position and take `count` events, or all to the end."""
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        position = state.position or None
        reply = await socket.ask("subscribe", session_id=session_id, position=position)
        assert reply["ok"], reply
        if position is None:
            state.take_snapshot(await socket.frame())
        while count != 0 and not _settled(state):
            assert state.apply(await socket.event())
            count = None if count is None else count - 1


def _settled(state: ClientState) -> bool:
    return bool(state.runs) and all(run["status"] == "completed" for run in state.runs.values())


async def test_a_position_that_the_log_never_had_gets_a_snapshot(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.ask("subscribe", session_id=session["id"], position={f"session:{session['id']}": 99})
        assert (await socket.frame())["type"] == "snapshot"


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30])
async def test_an_absurd_position_is_a_400(server: Any, after: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        run = (await alice.send(session["id"], model="demo/fast"))["runs"][0]["id"]
        response = await alice.http.get(f"/api/runs/{run}/events/", headers={"Last-Event-ID": after})
    assert (response.status_code, response.json()["error"]["field"]) == (400, "after")
