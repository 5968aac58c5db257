"""Proxies that count what goes through them: by CONNECT, and SOCKS 5 without a password."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[tuple[str, int]]]


@contextlib.asynccontextmanager
async def connect_proxy(seen: list[str]) -> AsyncIterator[str]:
    """`seen` gets the head of every request to the proxy."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.append(head)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        host, _, port = head.split()[1].rpartition(":")
        return host, int(port)

    async with _served(greet) as port:
        yield f"http://user:secret@127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def socks_proxy(seen: list[str]) -> AsyncIterator[str]:
    """`seen` gets every host that is asked for (RFC 1928)."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        length = 4 if kind == 1 else (await reader.readexactly(1))[0]
        raw = await reader.readexactly(length)
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        seen.append(host)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        return host, port

    async with _served(greet) as port:
        yield f"socks5://127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def _served(greet: Greeting) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = await greet(reader, writer)
        far_reader, far_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
