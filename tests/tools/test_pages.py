"""Pages of the web as text, and the addresses that are not asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from chat.tools.builtin import fetch_page
from chat.tools.contract import CallContext
from chat.tools.errors import ToolError
from chat.tools.pages import fetched_page
from providers.events import Source

PAGE = (
    "<html><head><title>A  page</title><style>p{}</style></head><body><h1>Tee</h1><p>茶 is\n good.</p>"
    "<script>no()</script><ul><li>one<li>two</ul></body>"
)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, status, body = "text/html; charset=utf-8", 200, PAGE.encode()
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/page")
            self.end_headers()
            return
        if self.path == "/away":
            self.send_response(302)
            self.send_header("location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
            return
        if self.path == "/image":
            kind, body = "image/png", b"\x89PNG"
        if self.path == "/long":
            body = b"<p>" + b"x" * 6_000_000
        self.send_response(404 if self.path == "/nothing" else status)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


async def test_a_page_comes_as_text_and_is_cited(web: str) -> None:
    said: list[Any] = []
    page = await fetch_page(f"{web}/moved", CallContext(tool_call_id="1", say=said.append))
    assert page == {"url": f"{web}/page", "title": "A page", "text": "A page\nTee\n茶 is good.\none\ntwo"}
    [source] = said
    assert isinstance(source, Source)
    assert (source.url, source.title) == (f"{web}/page", "A page")


async def test_a_long_page_is_cut(web: str) -> None:
    assert len((await fetched_page(f"{web}/long")).text) == 50_000


@pytest.mark.parametrize(
    "url",
    [
        "{web}/image",
        "{web}/nothing",
        "{web}/away",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "http://[::ffff:10.0.0.1]/",
        "http://0x0a000001/",
        "javascript:1",
        "",
        "http://",
    ],
)
async def test_what_is_no_page_or_not_public_is_refused(web: str, url: str) -> None:
    with pytest.raises(ToolError):
        await fetched_page(url.format(web=web))
