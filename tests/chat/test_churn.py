"""Whatever is opened, asked and dropped at random, the server holds afterwards what it held before."""

import asyncio
import random
from typing import Any

from tests.chat.readers import descriptors, held
from tests.clients import Api, Socket, eventually

OPERATIONS = 1_000
AT_ONCE = 8
MOST_THREADS = 40  # that keep a connection: the loop's own, and those of views
MOST_KEPT = (
    16 + 5
)  # lines to PostgreSQL, of which the pool opens more when it needs them, and to somebody else
FILES_OF_ONE = 3  # SQLite's: the database, its log and its index


async def test_a_thousand_random_operations_leave_nothing_behind(own_server: Any) -> None:
    own_server.environment.update(PARLEY_LOG_LEVEL="DEBUG")
    own_server.start()
    own_server.keys = own_server.cast()
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        sessions = [(await alice.session())["id"] for _ in range(4)]
        await _churn(own_server, alice, sessions, 100, seed=1)
        await eventually(lambda: _quiet(own_server))
        before = held(own_server), descriptors(own_server)
        await _churn(own_server, alice, sessions, OPERATIONS, seed=2)
        await eventually(lambda: _quiet(own_server))
        after = held(own_server), descriptors(own_server)
    assert after[0][2] <= before[0][2] + 5  # tasks: a sweep or a check may be under way
    assert after[1]["other"] <= before[1]["other"] + MOST_KEPT
    assert after[1]["database"] <= MOST_THREADS * FILES_OF_ONE
    assert "Traceback" not in own_server.log.read_text()


async def _churn(server: Any, alice: Api, sessions: list[str], count: int, *, seed: int) -> None:
    await asyncio.gather(
        *(
            _operate(server, alice, sessions, count // AT_ONCE, random.Random(seed * 100 + n))
            for n in range(AT_ONCE)
        )
    )


async def _operate(server: Any, alice: Api, sessions: list[str], count: int, dice: random.Random) -> None:
    socket = await Socket.open(server.ws_url, server.keys["alice"])
    for _ in range(count):
        match dice.choice(["subscribe", "unsubscribe", "send", "cancel", "close", "drop", "stream"]):
            case "subscribe" | "unsubscribe" as command:
                await socket.ask(command, session_id=dice.choice(sessions))
            case "send":
                fields = {"client_id": str(dice.random()), "text": "x", "model": "demo/fast"}
                await socket.ask("message.send", **fields, session_id=dice.choice(sessions))
            case "cancel":
                run = (await alice.http.get(f"/api/sessions/{dice.choice(sessions)}/messages/")).json()
                runs = [message["run_id"] for message in run["results"] if message["run_id"]]
                await socket.ask("run.cancel", run_id=dice.choice(runs) if runs else "none")
            case "stream":
                await _glance(alice, dice.choice(sessions))
            case ending:
                if ending == "close":
                    await socket.connection.close()
                else:
                    socket.connection.transport.abort()
                socket = await Socket.open(server.ws_url, server.keys["alice"])
    await socket.connection.close()


async def _glance(alice: Api, session_id: str) -> None:
    headers = {"Accept": "text/event-stream"}
    async with alice.http.stream("GET", f"/api/sessions/{session_id}/events/", headers=headers) as response:
        await anext(response.aiter_bytes(), None)


async def _quiet(server: Any) -> bool:
    return held(server)[:2] == (0, 0)
