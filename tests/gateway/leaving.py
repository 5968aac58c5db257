"""A client that closes its connection in the middle, and what the upstream saw of it."""

import asyncio
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class Leaving:
    """A client that closes its connection in the middle."""

    def __init__(self, server: Any) -> None:
        self._server = server

    async def __aenter__(self) -> "Leaving":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        return self

    async def post(self, path: str, body: Any, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._server.keys['alice']}\r\nContent-Length: {len(data)}\r\n"
        )
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        self._writer.write(head.encode() + data)
        await self._writer.drain()

    async def read_some(self) -> None:
        await self._reader.readuntil(b"word")

    async def __aexit__(self, *_: object) -> None:
        self._writer.transport.abort()


async def closed(upstream: Any) -> bool:
    return upstream.closed_at is not None


async def asked(vendor: Any, before: int) -> bool:
    return len(vendor.requests) > before
