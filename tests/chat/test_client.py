"""The Python client through networks that let less and less through."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.client import Client, Refused
from tests.clients import Api, ClientState
from tests.server import ParleyServer

SCRIPT = [step for _ in range(20) for step in ({"text": "你好 🧑‍🚀 "}, {"wait": 0.05})]
TEXT = "你好 🧑‍🚀 " * 20


class Proxy:
    """Passes requests on, unless the head holds what is `stopped` (403) or `held_back` (never answered)."""

    def __init__(self, port: int, stopped: str = "\0", held_back: str = "\0") -> None:
        self._port = port
        self._stopped, self._held_back = stopped, held_back
        self.seen: list[str] = []

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen.append(head.decode().split(" ")[1].split("?")[0])
        with contextlib.closing(writer):
            if self._held_back in head.decode():
                await reader.read()
            elif self._stopped in head.decode():
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            else:
                await self._pass_on(head, reader, writer)

    async def _pass_on(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request per connection, so that each head is seen."""
        their, our = await asyncio.open_connection("127.0.0.1", self._port)
        upgrade = b"Upgrade: websocket" in head
        our.write(head if upgrade else head.replace(b"Connection: keep-alive", b"Connection: close"))
        ways = [asyncio.create_task(_copy(reader, our)), asyncio.create_task(_copy(their, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        our.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        target.write(data)
        await target.drain()


async def _answered(url: str, key: str) -> str:
    state = ClientState()
    async with Client(url, key) as parley:
        sent = await parley.send("Go", model="demo/chat", options={"script": SCRIPT})
        answer = sent["runs"][0]["message_id"]
        async with contextlib.aclosing(parley.follow(sent["session_id"])) as frames:
            async for frame in frames:
                if frame["type"] == "snapshot":
                    state.take_snapshot(frame)
                else:
                    assert state.apply(frame)
                if state.messages[answer]["status"] == "complete":
                    break
    return state.messages[answer]["text"]


@pytest.mark.parametrize(
    ("stopped", "held_back", "way"),
    [("\0", "\0", "/ws/chat/"), ("/ws/", "\0", "/feed/"), ("/ws/", "text/event-stream", "/feed/")],
    ids=["socket", "stream", "pages"],
)
async def test_an_answer_comes_whole_by_every_way(
    server: Any, stopped: str, held_back: str, way: str
) -> None:
    proxy = Proxy(server.port, stopped, held_back)
    async with proxy.serving() as url:
        assert await _answered(url, server.keys["alice"]) == TEXT
    assert way in proxy.seen[-1]


async def test_it_goes_on_through_a_restart_of_the_server(own_server: ParleyServer) -> None:
    own_server.start()
    keys = own_server.cast()
    following = asyncio.create_task(_answered(own_server.url, keys["alice"]))
    await asyncio.sleep(1)
    await asyncio.to_thread(own_server.stop)
    await asyncio.to_thread(own_server.start)
    assert await following == TEXT


async def test_a_refusal_is_an_error_with_its_code(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = (await alice.session())["id"]
    async with Client(server.url, server.keys["carol"]) as carol:
        with pytest.raises(Refused) as refused:
            await carol.send("x", session_id=session_id)
        with pytest.raises(Refused) as unseen:
            await anext(carol.follow(session_id))
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    assert unseen.value.code == "not_found"


async def test_a_wrong_key_is_said(server: Any) -> None:
    async with Client(server.url, "wrong") as nobody:
        with pytest.raises(Refused) as refused:
            await anext(nobody.follow("00000000-0000-0000-0000-000000000000"))
    assert refused.value.code == "invalid_api_key"
