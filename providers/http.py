"""The one maker of HTTP clients, and the pace at which they read.

A token that is read as soon as it arrives costs a wake-up of the whole stack. The network backend here lets
the kernel's buffer fill for a moment between two reads of a running answer, so that one read brings many.
It knows no provider.
"""

import asyncio
import ssl
import time
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpcore2
import httpx2

MAX_CONNECTIONS: Final = 1000
KEEPALIVE_EXPIRY: Final = 60.0  # seconds an unused connection is kept
FREE_READS: Final = 4  # after a request: its head and the first events are never held back
FLOOD: Final = 16 * 1024  # bytes in one read from which on the next one is not held back either

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = WeakKeyDictionary()


class ReadPace:
    """Seconds from one read of a running answer to the next. The chat room raises it under load, to at most
    `highest`; it holds for every connection of the process."""

    interval: float = 0.02
    highest: Final = 0.25


def client() -> httpx2.AsyncClient:
    """The running loop's client. It follows no redirects; time limits are the caller's, per request."""
    loop = asyncio.get_running_loop()
    found = _clients.get(loop)
    if found is None or found.is_closed:
        found = _clients[loop] = httpx2.AsyncClient(transport=PacedTransport(), follow_redirects=False)
    return found


async def close_client() -> None:
    """Close the running loop's client, if it has one; the next `client()` makes another."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()


class PacedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_EXPIRY,
            network_backend=PacedBackend(),
        )


class PacedBackend(httpcore2.AnyIOBackend):
    def __init__(self) -> None:
        self._tick = Tick()

    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        return PacedStream(await super().connect_tcp(*args, **kwargs), self._tick)


class PacedStream(httpcore2.AsyncNetworkStream):
    """A stream whose reads keep to the tick while an answer runs. The transport below is paused while nobody
    reads, so what arrives meanwhile comes in the next read, all at once."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, tick: "Tick") -> None:
        self._stream = stream
        self._tick = tick
        self._free = FREE_READS
        self._last_read = 0.0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if not self._free and time.monotonic() - self._last_read < ReadPace.interval:
            await self._tick.wait()
        data = await self._stream.read(max_bytes, timeout)
        self._free = 1 if len(data) >= FLOOD else max(0, self._free - 1)
        self._last_read = time.monotonic()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self._free = FREE_READS
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        secure = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return PacedStream(secure, self._tick)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


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


def request_timeout(connect: float) -> httpx2.Timeout:
    """Only connecting is bounded here; whoever reads the stream bounds the waits for its bytes."""
    return httpx2.Timeout(None, connect=connect, pool=connect)
