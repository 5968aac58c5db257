"""Just enough of a WebSocket to read fast: text frames in, small text frames out, pings answered.

It serves the benchmark only: no fragments, no extensions, a server on this machine.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import Final, cast

_TEXT: Final = 1
_CLOSE: Final = 8
_PING: Final = 9
_PONG: Final = 10


class WebSocket(asyncio.Protocol):
    """`on_text` gets every text frame; `closed` is done, with the reason, when the connection ends."""

    def __init__(self, on_text: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[str] = loop.create_future()
        self._on_text = on_text
        self._received = bytearray()

    async def connect(self, port: int, path: str, key: str) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {nonce}",
            f"Authorization: Bearer {key}",
        ]
        self._transport.write("\r\n".join([*lines, "", ""]).encode())
        await self.opened

    def send(self, text: bytes) -> None:
        self._write(_TEXT, text)

    def stop_reading(self) -> None:
        """As a client that hangs: the connection stays, and nothing is taken from it."""
        self._transport.pause_reading()

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(f"the connection was lost: {error}")

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self.opened.done() and not self._read_head():
            return
        while frame := self._next_frame():
            self._take(*frame)

    def _read_head(self) -> bool:
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n")[0]:
            self._end(f"refused: {bytes(head[:80])!r}")
            return False
        self._received = rest
        self.opened.set_result(None)
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        """The opcode and the payload of a frame that is there as a whole. A server masks nothing."""
        data = self._received
        if len(data) < 2:
            return None
        size, start = data[1], 2
        if size >= 126:
            start += 2 if size == 126 else 8
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        payload = bytes(data[start : start + size])
        opcode = data[0] & 15
        del data[: start + size]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._on_text(payload)
        elif opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _CLOSE:
            self._end(f"the server closed: {int.from_bytes(payload[:2], 'big')}")

    def _end(self, reason: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(reason))
        if not self.closed.done():
            self.closed.set_result(reason)

    def _write(self, opcode: int, payload: bytes) -> None:
        """Masked with zeros, which the protocol allows and which costs nothing."""
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._transport.write(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)
