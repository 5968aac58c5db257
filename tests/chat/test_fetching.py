"""Images at addresses, for providers that take only bytes: public addresses, and no others."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.runner import fetching
from chat.runner.fetching import with_bytes
from providers.addresses import policy_from
from providers.contract import ChatMessage, ChatRequest
from providers.errors import UnsupportedContent
from providers.http import close_client
from providers.parts import ImagePart
from tests import hostile

PNG = hostile.picture()
PAGES = {
    "/cat.png": (200, "Content-Type: image/png", PNG),
    "/moved": (302, "Location: /cat.png", b""),
    "/inside": (302, "Location: http://169.254.169.254/latest/meta-data/", b""),
    "/round": (302, "Location: /round", b""),
    "/page": (200, "Content-Type: text/html", b"<html>"),
    "/gone": (404, "Content-Type: image/png", PNG),
}
PRIVATE = (
    "http://127.0.0.1/",
    "http://localhost:1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[64:ff9b::7f00:1]/",
    "file:///etc/passwd",
    "http://",
)


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A site of the internet, as far as the policy knows."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        status, header, body = PAGES[path]
        head = f"HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setattr(fetching, "PUBLIC", policy_from([f"127.0.0.1:{port}"], []))
    yield f"http://127.0.0.1:{port}"
    await close_client()
    server.close()


async def fetched(url: str, kind: str = "ollama") -> Any:
    message = ChatMessage(role="user", parts=(ImagePart(url=url),))
    request = await with_bytes(kind, ChatRequest(model="m", messages=(message,)))
    return request.messages[0].parts[0]


@pytest.mark.parametrize("path", ["/cat.png", "/moved"])
async def test_an_image_is_fetched_for_those_who_need_its_bytes(site: str, path: str) -> None:
    part = await fetched(site + path)
    assert part == ImagePart(media_type="image/png", data=base64.b64encode(PNG).decode())


async def test_others_get_the_address(site: str) -> None:
    assert await fetched(site + "/cat.png", kind="openai") == ImagePart(url=site + "/cat.png")


@pytest.mark.parametrize("path", ["/inside", "/round", "/page", "/gone"])
async def test_what_is_no_image_is_refused(site: str, path: str) -> None:
    with pytest.raises(UnsupportedContent):
        await fetched(site + path)


@pytest.mark.parametrize("url", PRIVATE)
async def test_private_addresses_are_never_asked(url: str) -> None:
    with pytest.raises(UnsupportedContent):
        await fetched(url)
    await close_client()


async def test_a_large_image_is_not_read_to_its_end(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 10)
    with pytest.raises(UnsupportedContent):
        await fetched(site + "/cat.png")
