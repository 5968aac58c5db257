"""HTTP clients for MCP servers: they connect where the policy of addresses allows, an answer has a largest
size, and none is packed."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import httpcore2
import httpx2

from chat.tools.mcp.fate import LARGEST, Fate
from providers.http import PacedBackend
from providers.secrets import Secret

SILENCE: Final = 300.0  # seconds between two bytes of a stream that stays open
PATIENCE: Final = 10.0  # seconds to connect and to send


def client_maker(headers: Mapping[str, Secret], fate: Fate) -> Callable[..., httpx2.AsyncClient]:
    """A factory as the SDK's transports want one; what they bring goes before."""

    def make(**given: Any) -> httpx2.AsyncClient:
        own = {name: value.reveal() for name, value in headers.items()}
        return httpx2.AsyncClient(
            transport=_BoundedTransport(fate),
            headers={**own, **(given.get("headers") or {}), "accept-encoding": "identity"},
            timeout=httpx2.Timeout(PATIENCE, read=SILENCE),
            follow_redirects=False,
        )

    return make


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self, fate: Fate) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=httpx2.create_ssl_context(), network_backend=PacedBackend()
        )
        self._fate = fate

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            await response.aclose()
            raise httpx2.RemoteProtocolError("a packed answer, which was not asked for")
        response.stream = _Bounded(response.stream, self._fate)
        return response


class _Bounded(httpx2.AsyncByteStream):
    """Counts from the last end of an event, so that a stream of many small events may stay open."""

    def __init__(self, stream: Any, fate: Fate) -> None:
        self._stream = stream
        self._fate = fate

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size = 0 if b"\n\n" in chunk or b"\r\n\r\n" in chunk else size + len(chunk)
            if size > LARGEST:
                self._fate.too_large = True
                raise httpx2.ReadError("the answer is too large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
