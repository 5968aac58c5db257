"""A reader over HTTP: asks at a door and counts the tokens of the streamed answer."""

import asyncio
import json
from dataclasses import dataclass
from typing import Final, cast

import httptools

from bench.tokens import Answer, Model


@dataclass(frozen=True, slots=True)
class Door:
    """Where and how it is asked; `prefix` stands before the model's name."""

    path: str = "/v1/chat/completions"
    prefix: str = ""
    key: str = ""


VENDOR: Final = Door()  # the provider itself, and the relay


class HttpReader(asyncio.Protocol):
    """One connection that asks again and again, straight at the provider or through a server."""

    def __init__(self, door: Door = VENDOR) -> None:
        self._door = door
        self._done: asyncio.Future[None] | None = None
        self._rest = b""  # of an event that has not come as a whole

    @classmethod
    async def open(cls, port: int, door: Door = VENDOR) -> "HttpReader":
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(lambda: cls(door), "127.0.0.1", port))[1]

    async def ask(self, model: Model) -> Answer:
        self._parser = httptools.HttpResponseParser(self)
        self._done = asyncio.get_running_loop().create_future()
        self._answer = Answer(model)
        self._transport.write(self._request(model))
        await self._done
        return self._answer

    def _request(self, model: Model) -> bytes:
        door = self._door
        messages = [{"role": "user", "content": "Hello"}]
        asked = {"model": f"{door.prefix}{model.name}", "messages": messages, "stream": True}
        body = json.dumps({**asked, "max_tokens": model.tokens}).encode()
        head = f"POST {door.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        key = f"Authorization: Bearer {door.key}\r\n" if door.key else ""
        return f"{head}{key}Content-Type: application/json\r\n\r\n".encode() + body

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
