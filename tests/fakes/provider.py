"""A provider that is played by a script, over real TCP, in the formats of all vendors.

In a test: the `fake` fixture. By itself: `python -m tests.fakes.provider --port 0` prints its port; a model
named like `t2000-i10-d20` then streams 2,000 tokens, 10 ms apart, 20 ms to the first.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import ssl
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.formats import content_type, openai, wire_for
from tests.fakes.formats.wire import RAW_WORDS, Wire
from tests.fakes.script import Script, timed_script

MODELS = ("gpt-fake", "claude-fake")
OLLAMA_MODEL = "llama-fake"
AGENT = "agent-fake"


@dataclass(slots=True)
class Received:
    """A request as it came, and what became of its answer. `closed_at` (monotonic seconds) is set when the
    client was seen to leave before the end."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    sent: str = ""
    closed_at: float | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class FakeProvider:
    """Use as `async with FakeProvider() as fake`; the base URL for OpenAI has `/v1`, Anthropic's has not."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[Received] = []
        self.connections = 0
        self.asked = asyncio.Event()  # a request has come
        self._default = Script()
        self._scripts: dict[str, Script] = {}
        self._next: list[Script] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> "FakeProvider":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=self._tls)
        return self

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> "FakeProvider":
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def play(self, model: str = "", **script: Any) -> None:
        """What to answer from now on: for one model, or for every model that has no script of its own."""
        if model:
            self._scripts[model] = Script(**script)
        else:
            self._default = Script(**script)

    def play_in_turn(self, *scripts: Script) -> None:
        """What the next requests are answered with, one each; then again as `play` said."""
        self._next = list(scripts)

    @property
    def port(self) -> int:
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def root_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.root_url}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (request := await _request(reader)) and await self._answer(request, reader, writer):
                pass
        writer.close()

    async def _answer(
        self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Write the answer; true when the connection can be used again."""
        self.requests.append(request)
        self.asked.set()
        model = (request.body or {}).get("model", "")
        script = self._next.pop(0) if self._next else None
        script = script or self._scripts.get(model) or timed_script(model) or self._default
        if script.status != 200 or not (request.body or {}).get("stream"):
            request.sent = script.text if script.status == 200 else ""
            writer.write(_plain(request, model, script))
            await writer.drain()
            return True
        return await _until_closed(request, reader, _Streamed(request, writer, script).run(model))


async def _request(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, path, _ = first.split(" ", 2)
    return Received(method, path, headers, _read_body(headers, body))


def _read_body(headers: dict[str, str], body: bytes) -> Any:
    if not body:
        return None
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    if headers.get("content-type", "").startswith("multipart/"):
        return {"form": body}
    return json.loads(body)


async def _until_closed(request: Received, reader: asyncio.StreamReader, answer: Any) -> bool:
    """Stream the answer and watch the client: the first of the two that ends stops the other."""
    writing = asyncio.ensure_future(answer)
    watching = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait({writing, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not writing.done() or isinstance(writing.exception(), ConnectionError):  # whoever saw it first
            request.closed_at = time.monotonic()
            request.closed.set()
            return False
        return bool(await writing)
    finally:
        for task in (writing, watching):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await task


@dataclass(slots=True)
class _Streamed:
    request: Received
    writer: asyncio.StreamWriter
    script: Script

    async def run(self, model: str) -> bool:
        self.writer.write(
            _head(200, {"content-type": content_type(self.request.path), **self.script.headers}, None)
        )
        await self.writer.drain()
        if self.script.raw is not None:
            await self._write_cut(self.script.raw)
            return await self._end()
        wire = wire_for(self.request.path, model, self.script)
        if self.script.mangled:
            wire = replace(
                wire, pieces=[piece.replace(b"\xef\xbf\xbe", b"\xff\xc3") for piece in wire.pieces]
            )
        return await (self._cut_answer(wire) if self.script.cut else self._timed_answer(wire))

    async def _cut_answer(self, wire: Wire) -> bool:
        await self._write_cut(wire.head + b"".join(wire.pieces) + wire.tail)
        self.request.sent = "".join(self.script.deltas())
        return await self._end()

    async def _timed_answer(self, wire: Wire) -> bool:
        await self._write(wire.head)
        texts = self.script.deltas()
        async for index in _ticks(len(texts), self.script):
            if index == self.script.stall_after:
                await self._held()
            if index == self.script.break_after:
                self.writer.transport.abort()
                return False
            if index == self.script.error_after:
                await self._write(wire.error)
                return await self._end()
            self.request.sent += texts[index]
            await self._write(wire.pieces[index])
        await self._write(wire.tail)
        return await self._end()

    async def _held(self) -> None:
        while not self.script.goes_on.is_set():  # noqa: ASYNC110 - it is set in another thread
            await asyncio.sleep(0.02)

    async def _write_cut(self, body: bytes) -> None:
        for piece in _cuts(body, self.script.cut):
            await self._write(piece)
            await asyncio.sleep(self.script.pause)

    async def _write(self, data: bytes) -> None:
        if data:  # an empty chunk would be the end
            self.writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self.writer.drain()

    async def _end(self) -> bool:
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()
        return True


async def _ticks(count: int, script: Script) -> AsyncIterator[int]:
    """Indexes at the script's pace, held to the clock so that a late one is made up for. The index after
    the last piece is not reached: a script stalls or breaks before the piece that it names."""
    start = time.monotonic() + script.delay
    for index in range(count):
        due = start + (index / script.rate if script.rate else 0.0)
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        yield index


def _cuts(body: bytes, cut: int | Sequence[int]) -> Iterable[bytes]:
    if isinstance(cut, int):
        size = cut or len(body) or 1
        return [body[i : i + size] for i in range(0, len(body), size)]
    points = [0, *cut, len(body)]
    pairs = itertools.pairwise(points)
    return [body[a:b] for a, b in pairs if body[a:b]]


def _plain(request: Received, model: str, script: Script) -> bytes:
    if script.raw is not None:
        return _head(script.status, script.headers, script.raw)
    return _head(script.status, script.headers, json.dumps(_plain_body(request, model, script)).encode())


def _plain_body(request: Received, model: str, script: Script) -> Any:
    if script.status != 200:
        return script.body or {"error": {"message": RAW_WORDS, "type": "fake", "code": None}}
    match request.path.partition("?")[0].rsplit("/", 1)[-1]:
        case "models":
            data = [{"id": name, "object": "model", "type": "model", "display_name": name} for name in MODELS]
            return {"object": "list", "data": data, "has_more": False}
        case "tags":
            return {"models": [{"name": OLLAMA_MODEL, "size": 1}]}
        case "show":
            info = {"general.architecture": "llama", "llama.context_length": 8192}
            return {"capabilities": ["completion", "tools", "vision"], "model_info": info}
        case "agents":
            return [{"id": AGENT, "name": "A fake agent"}]
        case _:
            return openai.answer(model, script)


def _head(status: int, headers: Any, body: bytes | None) -> bytes:
    length = {"transfer-encoding": "chunked"} if body is None else {"content-length": str(len(body))}
    lines = {"content-type": "application/json", **headers, **length}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + (body or b"")


async def _main(port: int) -> None:
    async with FakeProvider() if not port else await FakeProvider().start(port) as fake:
        sys.stdout.write(f"{fake.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(_main(parser.parse_args().port))
