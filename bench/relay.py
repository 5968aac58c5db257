"""The baseline: an ASGI application that passes the provider's bytes on and does nothing else.

`UPSTREAM_PORT=… uvicorn bench.relay:application`. No routing, no framework, no HTTP client: one socket to the
provider per answer in progress, kept for the next one.
"""

import asyncio
import os
from typing import Any, Final, cast

import httptools

PORT: Final = int(os.environ.get("UPSTREAM_PORT", "0"))
_START: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8")],
}
_idle: list["Upstream"] = []


class Upstream(asyncio.Protocol):
    """A connection to the provider; the pieces of the answer's body go to `pieces`, an empty one ends it."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def ask(self, body: bytes) -> None:
        self._parser = httptools.HttpResponseParser(self)
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: upstream\r\nContent-Length: %d\r\n\r\n" % len(
            body
        )
        self._transport.write(head + body)

    def on_body(self, body: bytes) -> None:
        self.pieces.put_nowait(body)

    def on_message_complete(self) -> None:
        self.pieces.put_nowait(b"")


async def _upstream() -> Upstream:
    if _idle:
        return _idle.pop()
    return (await asyncio.get_running_loop().create_connection(Upstream, "127.0.0.1", PORT))[1]


async def application(scope: Any, receive: Any, send: Any) -> None:
    request = await receive()
    body = request["body"]
    while request.get("more_body"):
        request = await receive()
        body += request["body"]
    upstream = await _upstream()
    upstream.ask(body)
    await send(_START)
    while piece := await upstream.pieces.get():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    _idle.append(upstream)
