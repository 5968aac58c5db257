"""Images at an address, fetched for providers that take only bytes.

Only public addresses are asked, whatever private ones providers may have: the addresses come from people who
chat. Each hop is looked up once, and the connection made to exactly what was found.
"""

import asyncio
import base64
import socket
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urljoin

import anyio
import httpx2
from msgspec.structs import replace as changed

from providers.addresses import Policy
from providers.contract import ChatMessage, ChatRequest
from providers.errors import ProviderError, UnsupportedContent
from providers.fitting import TYPES
from providers.http import client, request_timeout
from providers.parts import ImagePart

TAKES_BYTES: Final = frozenset({"ollama"})  # kinds that fetch nothing themselves
MOST_BYTES: Final = 20 * 1024**2
SECONDS: Final = 20.0
HOPS: Final = 3
PUBLIC: Final = Policy()
NOT_FETCHED: Final = "The image could not be fetched."
_MOVED: Final = (301, 302, 303, 307, 308)


async def with_bytes(kind: str, request: ChatRequest) -> ChatRequest:
    """Raises UnsupportedContent for an address that gives no image."""
    if kind not in TAKES_BYTES:
        return request
    messages = [await _fetched_message(message) for message in request.messages]
    return replace(request, messages=tuple(messages))


async def _fetched_message(message: ChatMessage) -> ChatMessage:
    parts = [
        await _fetched(part) if isinstance(part, ImagePart) and part.url and not part.data else part
        for part in message.parts
    ]
    return replace(message, parts=tuple(parts))


async def _fetched(part: ImagePart) -> ImagePart:
    try:
        async with asyncio.timeout(SECONDS):
            media_type, data = await _get(part.url)
    except UnsupportedContent:
        raise
    except (ProviderError, httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
        raise UnsupportedContent(NOT_FETCHED, detail=repr(error)[:300]) from error
    return changed(part, url="", media_type=media_type, data=base64.b64encode(data).decode())


async def _get(url: str) -> tuple[str, bytes]:
    for _ in range(HOPS + 1):
        place = await _looked_up(url)
        async with client().stream(
            "GET", place.url, timeout=request_timeout(SECONDS), **place.how
        ) as response:
            if response.status_code in _MOVED:
                url = urljoin(url, response.headers.get("location", ""))
                continue
            return _type_of(response), await _body(response)
    raise UnsupportedContent(NOT_FETCHED, detail="too many redirects")


@dataclass(frozen=True, slots=True)
class _Place:
    """An address of numbers, and under which name it is asked."""

    url: str
    how: dict[str, Any]


async def _looked_up(url: str) -> _Place:
    asked = httpx2.URL(url)
    if asked.scheme not in ("http", "https") or not asked.host:
        raise UnsupportedContent(NOT_FETCHED, detail=f"not an address of a page: {url[:100]}")
    port = asked.port or (443 if asked.scheme == "https" else 80)
    found = await anyio.getaddrinfo(asked.host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[4][0]) for place in found]
    if not all(PUBLIC.allows(asked.host, port, address) for address in addresses):
        raise UnsupportedContent(NOT_FETCHED, detail=f"{asked.host} is in a private network")
    named = {"host": asked.netloc.decode("ascii")}
    how = {"headers": named, "extensions": {"sni_hostname": asked.host}}
    return _Place(str(asked.copy_with(host=addresses[0])), how)


def _type_of(response: httpx2.Response) -> str:
    told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or told not in TYPES["images"]:
        raise UnsupportedContent(NOT_FETCHED, detail=f"{response.status_code} {told}")
    return str(told)


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise UnsupportedContent(NOT_FETCHED, detail="too large")
    return bytes(body)
