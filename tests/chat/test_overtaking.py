"""What must not wait goes ahead of a socket's other commands; the others keep their order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from tests.chat.readers import operate
from tests.clients import Api, Frame, Socket, eventually

# 2,000 messages of 5,000 characters: ten times what the line below takes while nobody reads.
FILL = """
from chat.models import *
session = ChatSession.objects.get(id='{id}')
Message.objects.bulk_create(
    Message(session=session, role='user', parts=[{{'type': 'text', 'text': 'x' * 5000}}]) for n in range(2000)
)
"""


@pytest.fixture
async def thin(server: Any) -> AsyncIterator[Socket]:
    """A socket over a line that takes little more than it is read."""
    line = socket.create_connection(("127.0.0.1", server.port))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    connection = await websockets.connect(
        server.ws_url, sock=line, additional_headers=headers, max_queue=1, max_size=None, ping_interval=None
    )
    yield Socket(connection)
    connection.transport.abort()


@pytest.mark.parametrize("ahead", ["run.cancel", "ping and run.cancel"])
async def test_a_stop_overtakes_a_snapshot_that_nobody_reads(server: Any, thin: Socket, ahead: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        long, other = await alice.session(), await alice.session()
        await operate(server, FILL.format(id=long["id"]))
        run = (await alice.send(other["id"], model="demo/long"))["runs"][0]
        await _say(thin, "subscribe", session_id=long["id"])
        thin.connection.transport.pause_reading()
        if "ping" in ahead:
            await _say(thin, "ping")
        await _say(thin, "run.cancel", run_id=run["id"])
        await eventually(lambda: _has_ended(alice, run))
        assert (await alice.run(run["id"]))["status"] == "cancelled"


async def test_other_commands_are_carried_out_in_order(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        for number in range(30):
            command = ("subscribe", "unsubscribe", "typing")[number % 3]
            await _say(socket, command, id=number, session_id=session["id"])
        replies = [await _reply(socket) for _ in range(30)]
    assert [reply["id"] for reply in replies] == list(range(30))
    assert all(reply["ok"] for reply in replies)


async def test_large_frames_wait_for_those_before_them_and_none_is_lost(server: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        for number in range(40):
            await _say(socket, "typing", id=number, session_id="x" * 50_000)
        replies = [await _reply(socket) for _ in range(40)]
    assert [reply["id"] for reply in replies] == list(range(40))
    assert {reply["error"]["code"] for reply in replies} == {"not_found"}


async def _say(socket: Socket, type_: str, **fields: Any) -> None:
    await socket.connection.send(json.dumps({"type": type_, **fields}))


async def _reply(socket: Socket) -> Frame:
    async with asyncio.timeout(60):
        while (frame := await socket.frame())["type"] != "reply":
            pass
    return frame


async def _has_ended(api: Api, run: Frame) -> bool:
    return bool((await api.run(run["id"]))["finished_at"])
