"""The pace at which answers are read.

A token that is read as soon as it arrives costs a wake-up of the whole stack. Here the kernel's buffer fills
for a moment between two reads of a running answer, so that one read brings many.
"""

import asyncio
import os
import select
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import anyio
import anyio.abc
import httpcore2
from anyio.abc import SocketAttribute

from providers.chunking import ChunkJoiner

FREE_READS: Final = 4  # after a request: its head and the first events are never held back
FLOOD: Final = 16 * 1024  # bytes in one read from which on the next one is not held back either
MOST_READ: Final = 64 * 1024  # bytes of one read


class ReadPace:
    """Seconds from one read of a running answer to the next. The chat room raises it under load, to at most
    `highest`; it holds for every connection of the process."""

    interval: float = 0.02
    highest: Final = 0.25


class Tick:
    """One timer for all who wait, so that a loop wakes once per interval and not once per stream."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        """Until the next whole multiple of the interval."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            interval = ReadPace.interval
            loop.call_later(interval - loop.time() % interval, self._ring)
        waiter = loop.create_future()
        self._waiting.append(waiter)
        await waiter

    def _ring(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


class PacedSocket(anyio.abc.ByteStream):
    """A socket whose reads keep to the tick while an answer runs. It is paused while nobody reads, so what
    arrives meanwhile comes in the next read, all at once."""

    def __init__(self, socket: anyio.abc.ByteStream, tick: Tick) -> None:
        self._socket = socket
        self._raw: Any = socket.extra(SocketAttribute.raw_socket, None)  # nosec B610 # noqa: S610 - no Django here
        self._tick = tick
        self._free = FREE_READS
        self._last_read = 0.0

    async def receive(self, max_bytes: int = MOST_READ) -> bytes:
        data = b""
        if not self._free and time.monotonic() - self._last_read < ReadPace.interval:
            await self._tick.wait()
            data = self._at_hand(max_bytes)
        data = data or await self._socket.receive(max_bytes)
        self._free = 1 if len(data) >= FLOOD else max(0, self._free - 1)
        self._last_read = time.monotonic()
        return data

    def _at_hand(self, max_bytes: int) -> bytes:
        """What the kernel holds, past the loop, which would begin to watch the socket, look, and stop again.
        Nothing where the loop has read something already, or where an end or an error is to be found."""
        protocol = getattr(self._socket, "_protocol", None)
        if self._raw is None or protocol is None or protocol.read_event.is_set() or os.name != "posix":
            return b""
        number = self._raw.fileno()
        try:
            return os.read(number, max_bytes) if number >= 0 else b""
        except OSError:
            return b""

    async def send(self, item: bytes) -> None:
        self._free = FREE_READS
        await self._socket.send(item)

    async def send_eof(self) -> None:
        await self._socket.send_eof()

    async def aclose(self) -> None:
        await self._socket.aclose()

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        return self._socket.extra_attributes


class WholeReads(httpcore2.AsyncNetworkStream):
    """A stream of which a read brings all that has arrived, as one piece: by itself TLS gives one record per
    read and HTTP one chunk, and servers write one of each per token."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._tls: ssl.SSLObject | None = stream.get_extra_info("ssl_object")
        self._socket: Any = stream.get_extra_info("socket")
        self._below: Any = getattr(stream, "_stream", None)  # over TLS that is TLS
        self._chunks = ChunkJoiner()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        while data := await self._read(max_bytes, timeout):
            if joined := self._chunks.feed(data):
                return joined
        return self._chunks.feed(b"")

    async def _read(self, max_bytes: int, timeout: float | None) -> bytes:  # noqa: ASYNC109
        if isinstance(self._below, PacedSocket) and timeout is None:
            return await self._plain(self._below, max_bytes)
        data = await self._stream.read(max_bytes, timeout)
        return data + self._rest(max_bytes - len(data)) if self._tls and data else data

    async def _plain(self, socket: PacedSocket, max_bytes: int) -> bytes:
        """As the stream reads, without the layers that bound and name what is not bounded here."""
        try:
            return await socket.receive(max_bytes)
        except anyio.EndOfStream:
            return b""
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Requests are written whole before their answers are read."""
        self._chunks.begin()
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        try:
            return WholeReads(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except asyncio.CancelledError:  # a stop in mid-handshake: nobody else has this connection to close it
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        """The pool asks with every request whether each idle connection is readable, which is at its end."""
        if info == "is_readable":
            return self._is_readable()
        return self._stream.get_extra_info(info)

    def _is_readable(self) -> bool:
        number = self._socket.fileno()
        if number < 0:
            return True
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))

    def _rest(self, room: int) -> bytes:
        """Records that are here already. Whatever ends them, the next read meets it again and tells it."""
        records: list[bytes] = []
        while self._tls and room > 0:
            try:
                record = self._tls.read(room)
            except ssl.SSLError:
                break
            if not record:
                break
            records.append(record)
            room -= len(record)
        return b"".join(records)
