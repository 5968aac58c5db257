"""The one maker of HTTP clients. It knows no provider."""

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpcore2
import httpx2

from providers.reading import PacedSocket, Tick, WholeReads
from providers.reading import ReadPace as ReadPace

MAX_CONNECTIONS: Final = 1000
KEEPALIVE_EXPIRY: Final = 60.0  # seconds an unused connection is kept

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = WeakKeyDictionary()


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
    """Puts the pace between the socket and TLS: above TLS it would hold back every single record."""

    def __init__(self) -> None:
        self._tick = Tick()

    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        opened: Any = await super().connect_tcp(*args, **kwargs)
        opened._stream = PacedSocket(opened._stream, self._tick)
        return WholeReads(opened)


def request_timeout(connect: float) -> httpx2.Timeout:
    """Only connecting is bounded here; whoever reads the stream bounds the waits for its bytes."""
    return httpx2.Timeout(None, connect=connect, pool=connect)
