"""A fake provider that costs little: OpenAI's streamed chat completions from bytes that are made beforehand.

`python -m bench.provider` prints its port. The model's name is the workload: `t200-i10-d20` is 200 tokens,
10 ms apart, 20 ms to the first. It keeps to the clock: a slow reader's tokens are produced on time and wait.
"""

import asyncio
import json
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import uvloop

from bench.tokens import TOKEN, TOKEN_SIZE, now_us

_WORKLOAD: Final = re.compile(r"t(\d+)-i([\d.]+)-d([\d.]+)$")
_SLOT: Final = "SLOT"
_HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
)


class Plan(NamedTuple):
    """One workload: times in seconds, `token` takes an index and a time."""

    tokens: int
    interval: float
    delay: float
    head: bytes
    token: bytes
    tail: bytes


@lru_cache
def plan(model: str) -> Plan:
    """Raises ValueError for a name that is no workload."""
    match = _WORKLOAD.search(model)
    if match is None:
        raise ValueError(f"{model!r} is not like t200-i10-d20")
    tokens, interval, delay = int(match[1]), float(match[2]) / 1000, float(match[3]) / 1000
    head = _chunk(_event(model, {"role": "assistant", "content": "", "refusal": None}))
    usage = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": tokens + 10}
    ends = _event(model, {}, "stop") + _event(model, None, usage=usage) + b"data: [DONE]\n\n"
    return Plan(tokens, interval, delay, head, _token_chunk(model), _chunk(ends) + b"0\r\n\r\n")


def _event(model: str, delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    body = {
        "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [] if delta is None else [choice],
        "usage": None,
        **more,
    }
    return b"data: %b\n\n" % json.dumps(body, separators=(",", ":")).encode()


def _token_chunk(model: str) -> bytes:
    before, after = _event(model, {"content": _SLOT}).split(_SLOT.encode())
    size = len(before) + TOKEN_SIZE + len(after)
    return b"%x\r\n" % size + before + TOKEN + after + b"\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._write: Callable[[bytes], None] = self._transport.write

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        size = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
        if found and size and len(body) >= int(size[1]):
            self._received = b""
            self._begin(json.loads(body)["model"])

    def _begin(self, model: str) -> None:
        self._plan = plan(model)
        self._index = 0
        self._write(_HEAD + self._plan.head)
        self._start = self._loop.time() + self._plan.delay
        self._timer = self._loop.call_at(self._start, self._produce)

    def _produce(self) -> None:
        """Write what is due by now, and come back when the next token is."""
        tokens, interval, _, _, token, tail = self._plan
        while self._index < tokens:
            due = self._start + self._index * interval
            if due > self._loop.time():
                self._timer = self._loop.call_at(due, self._produce)
                return
            self._write(token % (self._index, now_us()))
            self._index += 1
        self._write(tail)


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main())
