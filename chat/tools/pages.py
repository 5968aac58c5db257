"""A page of the web as text. The policy of addresses decides at every hop what may be asked."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import httpx2
import lxml.etree
import lxml.html

from chat.tools.errors import ArgumentsInvalid, ToolError
from providers.errors import ProviderError
from providers.http import client, request_timeout

HOPS: Final = 5
SECONDS: Final = 20.0
MOST_BYTES: Final = 4 * 1024 * 1024
MOST_TEXT: Final = 50_000  # characters
LINE: Final = "\u2029"  # the end of a block; line ends inside of one are spaces
AGENT: Final = "Parley (fetch_page)"

_MOVED: Final = (301, 302, 303, 307, 308)
_TEXTS: Final = ("text/", "application/json", "application/xml", "application/xhtml+xml")
_SILENT: Final = "//script|//style|//noscript|//template|//svg|//iframe|//comment()"
_BLOCKS: Final = (
    "p",
    "div",
    "li",
    "tr",
    "br",
    "section",
    "article",
    "header",
    "footer",
    "pre",
    "ul",
    "ol",
    "table",
)
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6", "title")


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is where it was found after all redirects."""

    url: str
    title: str
    text: str


async def fetched_page(url: str) -> Page:
    """Raises ToolError that says why not."""
    try:
        async with asyncio.timeout(SECONDS):
            where, media_type, charset, body = await _got(url)
    except TimeoutError:
        raise ToolError("The page did not come in time.", code="tool_timeout") from None
    except ProviderError as error:  # an address that may not be asked, or a packed answer
        raise ToolError(f"The page cannot be fetched: {error.message}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
        raise ToolError(f"The page cannot be fetched ({type(error).__name__}).") from error
    if media_type in ("text/html", "application/xhtml+xml"):
        return await asyncio.to_thread(_read, where, body, charset)
    return Page(where, "", body.decode("utf-8", "replace")[:MOST_TEXT])


async def _got(url: str) -> tuple[str, str, str, bytes]:
    for _ in range(HOPS + 1):
        if httpx2.URL(url).scheme not in ("http", "https"):
            raise ArgumentsInvalid("The address has to begin with http:// or https://.")
        headers = {"user-agent": AGENT, "accept": "text/html, text/*;q=0.9, */*;q=0.1"}
        async with client().stream("GET", url, timeout=request_timeout(SECONDS), headers=headers) as response:
            if response.status_code in _MOVED:
                url = urljoin(url, response.headers.get("location", ""))
                continue
            media_type = response.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
            if response.status_code != 200:
                raise ToolError(f"The page's server answered {response.status_code}.")
            if not media_type.startswith(_TEXTS):
                raise ToolError(f"This is no page but {media_type[:80]}.")
            body = await _body(response)
            return url, media_type, response.charset_encoding or _guessed(body), body
    raise ToolError("The page leads from one address to the next without end.")


async def _body(response: httpx2.Response) -> bytes:
    """Its beginning, where it is long."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])


def _guessed(body: bytes) -> str:
    """UTF-8 where it is that; empty where the page itself has to say."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return "utf-8" if error.start >= len(body) - 4 else ""  # cut in the middle of a character
    return "utf-8"


def _read(url: str, body: bytes, charset: str) -> Page:
    try:
        parser = lxml.html.HTMLParser(encoding=charset or None)
        root = lxml.html.document_fromstring(body, parser=parser)
    except (lxml.etree.LxmlError, ValueError, LookupError):
        return Page(url, "", "")
    title = " ".join((root.findtext(".//title") or "").split())[:300]
    for silent in root.xpath(_SILENT):
        silent.drop_tree()
    for block in root.iter(*_BLOCKS, *_HEADINGS):
        block.tail = LINE + (block.tail or "")
    text = re.sub(r"[ \t\r\n\f\v\xa0]+", " ", root.text_content())
    return Page(url, title, re.sub(rf"[ {LINE}]*{LINE}[ {LINE}]*", "\n", text).strip()[:MOST_TEXT])
