"""kill -9 in mid-answer: what was seen stays, the run ends visibly, regenerate works."""

import uuid
from typing import Any

from tests.clients import Api, ClientState, Socket, eventually

SLOW = {"tokens": 400, "rate": 50}


async def test_after_kill_9_a_new_attempt_answers_and_what_was_seen_is_set_aside(own_server: Any) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session = await alice.session()
        state = await _watch_until_text(own_server, alice, session["id"])
        run_id = next(iter(state.runs))
        message_id = state.runs[run_id]["message_id"]
        seen = state.text(message_id)
        own_server.kill()
        own_server.start()
        await _read_on(own_server, session["id"], state)
        run = await alice.run(run_id)
        stored = (await alice.messages(session["id"]))[message_id]
    assert (run["status"], run["attempt"]) == ("completed", 2)
    assert run["set_aside"][0]["parts"][-1]["text"].startswith(seen)
    lost, answered = run["steps"]
    assert (lost["outcome"], answered["outcome"], answered["attempt"]) == ("set_aside", "answered", 2)
    assert lost["usage"]["estimated"] and lost["usage"]["output_tokens"] > 0  # what was lost is paid for
    assert state.messages[message_id] == stored


async def test_with_interrupt_as_policy_the_run_ends_visibly_and_regenerate_works(own_server: Any) -> None:
    own_server.environment.update(RUN_TAKEOVER="interrupt")
    own_server.start()
    own_server.keys = own_server.cast()
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session = await alice.session()
        state = await _watch_until_text(own_server, alice, session["id"])
        run_id = next(iter(state.runs))
        message_id = state.runs[run_id]["message_id"]
        seen = state.text(message_id)
        own_server.kill()
        own_server.start()
        await eventually(lambda: _interrupted(alice, run_id))
        stored = (await alice.messages(session["id"]))[message_id]
        again = await _regenerate(own_server, message_id)
        finished = await alice.ended(again["runs"][0]["id"])
    assert stored["text"].startswith(seen)
    assert stored["status"] == "interrupted"
    assert stored["usage"]["estimated"] and stored["usage"]["output_tokens"] > 0
    assert not any(part.get("open") for part in stored["parts"])
    assert finished["status"] == "completed"


async def test_an_accepted_message_is_there_after_kill_9(own_server: Any) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "Keep this", model="demo/long")
        own_server.kill()
        own_server.start()
        stored = await alice.messages(session["id"])
    assert stored[sent["message"]["id"]]["text"] == "Keep this"


async def test_a_second_owner_of_a_run_is_fenced_off(own_server: Any) -> None:
    """The server is frozen until its lease is over and taken over; awake again, it writes nothing more."""
    import signal

    own_server.environment.update(RUN_LEASE_SECONDS="3", RUN_SWEEP_SECONDS="0.3", RUN_TAKEOVER="interrupt")
    own_server.start()
    own_server.keys = own_server.cast()
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session = await alice.session()
        state = await _watch_until_text(own_server, alice, session["id"])
        run_id = next(iter(state.runs))
        own_server.process.send_signal(signal.SIGSTOP)
        other = own_server.beside()
        try:
            await eventually(lambda: _interrupted_at(other, own_server.keys["alice"], run_id))
            own_server.process.send_signal(signal.SIGCONT)
            ended = await alice.run(run_id)
            after = (await alice.http.get(f"/api/runs/{run_id}/events/?after=0")).json()["events"]
            await alice.ended((await alice.send(session["id"], "Next"))["runs"][0]["id"])
            later = (await alice.http.get(f"/api/runs/{run_id}/events/?after=0")).json()["events"]
        finally:
            other.stop()
    assert ended["status"] == "interrupted"
    assert later == after
    assert [event["seq"] for event in later] == list(range(1, len(later) + 1))


async def _watch_until_text(server: Any, alice: Api, session_id: str) -> ClientState:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.ask("subscribe", session_id=session_id)
        state = ClientState()
        state.take_snapshot(await socket.frame())
        sent = await alice.send(session_id, model="demo/long", options=SLOW)
        while len(state.text(sent["runs"][0]["message_id"])) < 50:
            state.apply(await socket.event())
    return state


async def _read_on(server: Any, session_id: str, state: ClientState) -> None:
    """Resume from the state's position and apply what comes, to the end of the answer."""
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.ask("subscribe", session_id=session_id, position=state.position)
        while any(run["status"] in ("queued", "running") for run in state.runs.values()):
            state.apply(await socket.event())


async def _interrupted(alice: Api, run_id: str) -> bool:
    return (await alice.run(run_id))["status"] == "interrupted"


async def _interrupted_at(server: Any, key: str, run_id: str) -> bool:
    async with Api(server.url, key) as api:
        return await _interrupted(api, run_id)


async def _regenerate(server: Any, message_id: str) -> Any:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        reply = await socket.ask(
            "message.regenerate", message_id=message_id, client_id=uuid.uuid4().hex, model="demo/fast"
        )
    assert reply["ok"], reply
    return reply
