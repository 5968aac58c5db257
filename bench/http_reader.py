"""A reader of the provider's own wire: asks over HTTP and counts the tokens of the streamed answer."""

import asyncio
import json
from typing import cast

import httptools

from bench.tokens import Answer, Model


class HttpReader(asyncio.Protocol):
    """One connection that asks again and again, straight at the provider or through the relay."""

    def __init__(self) -> None:
        self._done: asyncio.Future[None] | None = None
        self._rest = b""  # of an event that has not come as a whole

    @classmethod
    async def open(cls, port: int) -> "HttpReader":
        return (await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port))[1]

    async def ask(self, model: Model) -> Answer:
        messages = [{"role": "user", "content": "Hello"}]
        body = json.dumps({"model": model.name, "messages": messages, "stream": True}).encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(
            body
        )
        self._parser = httptools.HttpResponseParser(self)
        self._done = asyncio.get_running_loop().create_future()
        self._answer = Answer(model)
        self._transport.write(head + body)
        await self._done
        return self._answer

    async def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done and not self._done.done():
            self._done.set_exception(error or ConnectionError("closed in the middle of an answer"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        whole, found, self._rest = (self._rest + body).rpartition(b"\n\n")
        if found:
            self._answer.events += whole.count(b"data: ")
            self._answer.take(whole)

    def on_message_complete(self) -> None:
        if self._done:
            self._done.set_result(None)
