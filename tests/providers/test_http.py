"""One client per loop, and reads that let the kernel's buffer fill without holding anything back."""

import asyncio
import ssl
import time
from typing import Any

import httpcore2
import pytest

from providers import http
from providers.http import FLOOD, FREE_READS, PacedStream, ReadPace, Tick
from tests.fakes.provider import FakeProvider


class Source(httpcore2.AsyncNetworkStream):
    """A network stream that always has something to read, and what it was asked for."""

    def __init__(self, size: int = 10) -> None:
        self.size = size
        self.read_at: list[float] = []
        self.closed = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        self.read_at.append(time.monotonic())
        return b"x" * self.size

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        pass

    async def aclose(self) -> None:
        self.closed = True

    async def start_tls(self, *args: Any, **kwargs: Any) -> "Source":
        return Source(self.size)


async def read(stream: PacedStream, times: int) -> float:
    """Seconds for so many reads."""
    started = time.monotonic()
    for _ in range(times):
        await stream.read(65536)
    return time.monotonic() - started


async def test_the_loop_has_one_client() -> None:
    first = http.client()
    assert http.client() is first
    assert not first.follow_redirects
    await http.close_client()
    assert http.client() is not first
    await http.close_client()


async def test_only_a_running_answer_is_paced() -> None:
    ReadPace.interval = 0.2
    stream = PacedStream(Source(), Tick())
    await stream.write(b"GET")
    free = await read(stream, FREE_READS)
    paced = await read(stream, 3)
    assert free < paced
    assert paced >= 0.4  # from one tick to the third


async def test_a_new_request_is_read_at_once() -> None:
    ReadPace.interval = 30.0
    stream = PacedStream(Source(), Tick())
    for _ in range(3):
        await stream.write(b"GET")
        await asyncio.wait_for(read(stream, FREE_READS), 10)


async def test_a_flood_is_not_held_back() -> None:
    ReadPace.interval = 30.0
    stream = PacedStream(Source(size=FLOOD), Tick())
    await asyncio.wait_for(read(stream, 100), 10)


async def test_a_slow_answer_is_not_held_back() -> None:
    ReadPace.interval = 0.01
    source = Source()
    stream = PacedStream(source, Tick())
    await read(stream, FREE_READS)
    await asyncio.sleep(0.05)
    asked = time.monotonic()
    await stream.read(65536)
    assert source.read_at[-1] - asked < 0.01


async def test_all_who_wait_are_woken_together() -> None:
    ReadPace.interval = 0.05
    tick = Tick()
    waits = [asyncio.create_task(tick.wait()) for _ in range(10)]
    await asyncio.sleep(0)
    waits[0].cancel()
    await asyncio.wait_for(asyncio.gather(*waits[1:]), 10)
    with pytest.raises(asyncio.CancelledError):
        await waits[0]


async def test_a_stream_over_tls_is_paced_as_well() -> None:
    secure = await PacedStream(Source(), Tick()).start_tls(ssl.create_default_context())
    assert isinstance(secure, PacedStream)


async def test_one_read_brings_many_events(fake: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    plain = httpcore2.AnyIOBackend.connect_tcp

    async def counting(*args: Any, **kwargs: Any) -> Any:
        stream = await plain(*args, **kwargs)
        read = stream.read

        async def counted(*args: Any, **kwargs: Any) -> bytes:
            data: bytes = await read(*args, **kwargs)
            reads.append(len(data))
            return data

        monkeypatch.setattr(stream, "read", counted)
        return stream

    monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", counting)
    ReadPace.interval = 0.25
    fake.play(pieces=["token "] * 200, rate=200)
    body = {"model": "gpt-fake", "stream": True}
    response = await http.client().post(f"{fake.base_url}/chat/completions", json=body)
    assert response.text.count('"content": "token "') == 200
    assert len(reads) < 50
