"""The streaming guide's socket when its server goes and when its reader does not read."""

import asyncio
from typing import Any

import websockets

from tests.chat.readers import memory
from tests.clients import eventually
from tests.gateway.leaving import closed
from tests.gateway.test_guide_socket import ASK, guide

LONG = "word " * 200  # a delta of 1 KB
GROWTH = 60  # MiB: what waits for a reader is bounded, whatever the upstream has


async def test_a_server_that_goes_says_so_and_where_to_come_back(own_server: Any, vendor: Any) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    async with guide(own_server) as socket:
        await socket.say("ping")
        assert (await socket.hear())["message_type"] == "pong"
        stopping = asyncio.create_task(asyncio.to_thread(own_server.stop))
        frame = await socket.hear()
        assert frame == {"message_type": "goaway", "data": {"reason": "restart"}}
        await socket.connection.wait_closed()
        assert socket.connection.close_code == 1012
        await stopping


async def test_a_reader_that_reads_nothing_costs_little_and_is_let_go(own_server: Any, vendor: Any) -> None:
    own_server.environment["SLOW_READER_SECONDS"] = "1"
    own_server.start()
    own_server.keys = own_server.cast()
    vendor.play(pieces=[LONG] * 100_000)
    async with guide(own_server, max_queue=1, ping_interval=None) as socket:
        await socket.say("chat_request", **ASK)
        await socket.hear()
        upstream, before = vendor.requests[-1], memory(own_server)
        socket.connection.transport.pause_reading()
        await eventually(lambda: closed(upstream))
        assert memory(own_server) - before < GROWTH
        socket.connection.transport.resume_reading()
        try:
            while True:
                await socket.hear()
        except websockets.ConnectionClosed:
            assert socket.connection.close_code in (4008, 1006)  # the close frame may not have found room
