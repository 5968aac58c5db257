"""The one maker of HTTP clients. It knows no provider.

A client asks for plain bytes and refuses packed ones: tokens are too small to gain by packing, and a small
packed body can stand for gigabytes. It follows no redirect, because a key would go with it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import anyio
import httpcore2
import httpx2

from providers.contract import HttpOptions
from providers.errors import ProviderFailed, ProviderUnreachable
from providers.networks import permitted, refuse_private
from providers.reading import PacedSocket, Tick, WholeReads
from providers.reading import ReadPace as ReadPace
from providers.secrets import Secret

MAX_CONNECTIONS: Final = 1000
KEEPALIVE_EXPIRY: Final = 60.0  # seconds an unused connection is kept
MOST_REFUSAL: Final = 64 * 1024  # bytes of an error's body; the log keeps far less
MOST_LISTING: Final = 16 * 1024 * 1024  # bytes of an answer to a GET: long lists of models have 1 MiB

_Clients = dict[HttpOptions, httpx2.AsyncClient]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()


def client(options: HttpOptions = HttpOptions()) -> httpx2.AsyncClient:  # noqa: B008  (it is frozen)
    """The running loop's client for these options. Time limits are the caller's, per request. Raises
    ProviderUnreachable where the options cannot be used."""
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    found = clients.get(options)
    if found is None or found.is_closed:
        found = clients[options] = httpx2.AsyncClient(
            transport=PacedTransport(options),
            headers={"accept-encoding": "identity"},
            follow_redirects=False,
        )
    return found


async def close_client() -> None:
    """Close the running loop's clients, if it has any; the next `client()` makes another."""
    for found in _clients.pop(asyncio.get_running_loop(), {}).values():
        await found.aclose()


def plain_headers(headers: Mapping[str, str | Secret]) -> dict[str, str]:
    """Headers as they are sent; kept ones may be secrets."""
    return {name: v.reveal() if isinstance(v, Secret) else v for name, v in headers.items()}


def request_timeout(connect: float) -> httpx2.Timeout:
    """Only connecting is bounded here; whoever reads the stream bounds the waits for its bytes."""
    return httpx2.Timeout(None, connect=connect, pool=connect)


class PacedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self, options: HttpOptions) -> None:
        common: dict[str, Any] = {
            "ssl_context": _trust(options),
            "max_connections": MAX_CONNECTIONS,
            "max_keepalive_connections": MAX_CONNECTIONS,
            "keepalive_expiry": KEEPALIVE_EXPIRY,
            "network_backend": PacedBackend(),
        }
        self._pool = _proxied(options.proxy, common) if options.proxy else _direct(common)
        self._is_proxied = bool(options.proxy)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._is_proxied:  # the backend sees the proxy's address alone
            await _allowed(request)
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            await response.aclose()
            raise ProviderFailed(detail="a packed answer, which was not asked for")
        if response.status_code >= 400:
            response.stream = _Bounded(response.stream, MOST_REFUSAL)
        elif request.method == "GET":
            response.stream = _Bounded(response.stream, MOST_LISTING)
        return response


class PacedBackend(httpcore2.AnyIOBackend):
    """Connects to what a name resolved to and the policy of addresses allows, and to nothing else; and puts
    the pace between the socket and TLS: above TLS it would hold back every single record."""

    def __init__(self) -> None:
        self._tick = Tick()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await _looked_up(host, port, timeout)
        share = timeout / len(addresses) if timeout else None
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                opened: Any = await super().connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not left:
                    raise
            else:
                break
        opened._stream = PacedSocket(opened._stream, self._tick)
        return WholeReads(opened)


async def _looked_up(host: str, port: int, timeout: float | None) -> list[str]:  # noqa: ASYNC109
    try:
        with anyio.fail_after(timeout):
            return await permitted(host, port)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout("the name was not looked up in time") from error
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"the name cannot be looked up: {error}") from error


async def _allowed(request: httpx2.Request) -> None:
    url = request.url
    with anyio.move_on_after(request.extensions.get("timeout", {}).get("connect")):
        await refuse_private(url.host, url.port or (443 if url.scheme == "https" else 80))


class _Bounded(httpx2.AsyncByteStream):
    """The first bytes of a body; what is beyond is not read, and its connection not used again."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream = stream
        self._left = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()


def _direct(common: dict[str, Any]) -> httpcore2.AsyncConnectionPool:
    return httpcore2.AsyncConnectionPool(**common)


def _proxied(address: str, common: dict[str, Any]) -> httpcore2.AsyncConnectionPool:
    try:
        proxy = httpx2.Proxy(address)
        url = httpcore2.URL(str(proxy.url))
        if proxy.url.scheme in ("socks5", "socks5h"):
            return httpcore2.AsyncSOCKSProxy(proxy_url=url, proxy_auth=proxy.raw_auth, **common)
        return httpcore2.AsyncHTTPProxy(proxy_url=url, proxy_auth=proxy.raw_auth, **common)
    except (ValueError, httpx2.InvalidURL) as error:
        raise ProviderUnreachable(
            detail=f"the proxy's address cannot be used: {type(error).__name__}"
        ) from None


def _trust(options: HttpOptions) -> ssl.SSLContext:
    context: ssl.SSLContext = httpx2.create_ssl_context()
    try:
        if options.ca_file:
            context.load_verify_locations(options.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ProviderUnreachable(detail=f"ca_file {options.ca_file!r}: {error}") from error
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
