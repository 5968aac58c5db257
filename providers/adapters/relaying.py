"""From a vendor's response to our events: reads bytes, splits them, lets the vendor's wire read the events.

It owns the waiting and the closing; it knows no vendor's format.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, Protocol

import httpx2

from providers.adapters.lines import LineDecoder
from providers.adapters.wholes import Unfolding, as_stream, with_last_line
from providers.contract import Timeouts
from providers.errors import ProviderError, StreamBroken
from providers.events import RunEvent
from providers.sse import SseDecoder, SseEvent

MOST_HELD: Final = 1024 * 1024  # bytes taken in ahead of a slow reader
LAST_WAIT: Final = 5.0  # seconds for what may follow after the answer is complete: usage, the terminator
FAREWELL: Final = 0.05  # seconds for the end of the body, so that the connection can be used again


class Decoder(Protocol):
    """Cuts a body into events: `SseDecoder`, or `LineDecoder` for a line of JSON each."""

    def feed(self, chunk: bytes) -> list[SseEvent]: ...


class Wire(Protocol):
    """One vendor's stream, read into events. All methods are pure of I/O."""

    @property
    def begun(self) -> bool:
        """Something to show has come."""

    @property
    def complete(self) -> bool:
        """The answer would be whole if the stream ended here."""

    @property
    def done(self) -> bool:
        """Nothing more is to come."""

    def read(self, event: SseEvent) -> None:
        """Take in one event. Raises ProviderError."""

    def take(self) -> list[RunEvent]:
        """What has become due since the last take."""

    def finish(self) -> list[RunEvent]:
        """The end: open parts ended, usage where it was told, Finish. Raises StreamBroken if not complete."""


@asynccontextmanager
async def opened(asking: Awaitable[httpx2.Response]) -> AsyncIterator[httpx2.Response]:
    """The response to a request that is made on entering, closed on leaving."""
    response = await asking
    try:
        yield response
    finally:
        await response.aclose()


async def relay(
    opening: AbstractAsyncContextManager[httpx2.Response],
    wire: Wire,
    timeouts: Timeouts,
    decoder: Decoder | None = None,
) -> AsyncGenerator[RunEvent, None]:
    """The events of one answer. Raises ProviderError and TimeoutError, and whatever the opening raises."""
    decoder = decoder or SseDecoder()
    patience = Patience(wire, timeouts)
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(patience.left()):
            response = await stack.enter_async_context(opening)
        inflow = await stack.enter_async_context(Inflow(_chunks(response, wire, decoder)))
        while not wire.done and (chunk := await _next(inflow, wire, patience)):
            failure = _read_all(wire, decoder, chunk)
            for event in wire.take():
                yield event
            if failure:
                raise failure
        for event in wire.finish():
            yield event
        await inflow.ended(FAREWELL)


def _chunks(response: httpx2.Response, wire: Wire, decoder: Decoder) -> AsyncIterator[bytes]:
    """The body; where the answer came in one piece, as the stream that it stands for."""
    if isinstance(decoder, LineDecoder):
        return with_last_line(response.aiter_raw())
    return as_stream(response.aiter_raw(), wire) if isinstance(wire, Unfolding) else response.aiter_raw()


def _read_all(wire: Wire, decoder: Decoder, chunk: bytes) -> ProviderError | None:
    """Feed the wire; a failure is handed back so that what came before it is shown first."""
    try:
        for event in decoder.feed(chunk):
            wire.read(event)
    except ProviderError as error:
        return error
    return None


async def _next(inflow: "Inflow", wire: Wire, patience: "Patience") -> bytes:
    """The next bytes; none at the end. A connection that breaks after a complete answer is an end as well."""
    try:
        return await inflow.take(patience.left())
    except (httpx2.TransportError, TimeoutError) as error:
        if wire.complete:
            return b""
        if isinstance(error, TimeoutError):
            raise
        raise StreamBroken(detail=repr(error)) from error


class Patience:
    """How long to wait: until a fixed moment for the first token, then anew for every piece, and never past
    the end of the whole answer's time."""

    def __init__(self, wire: Wire, timeouts: Timeouts) -> None:
        self._wire = wire
        self._timeouts = timeouts
        self._clock = asyncio.get_running_loop().time
        self._first_due = self._clock() + timeouts.first_token
        self._all_due = self._clock() + timeouts.total if timeouts.total else math.inf

    def left(self) -> float:
        """Raises TimeoutError when nothing is: a flood of bytes alone never waits for one."""
        left = self._all_due - self._clock()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        return min(self._piece(), left)

    def _piece(self) -> float:
        if self._wire.complete:
            return LAST_WAIT
        if self._wire.begun:
            return self._timeouts.between_tokens
        return self._first_due - self._clock()


class Inflow:
    """Takes chunks in with a task of its own, so that all that one read brought is handed on at once.

    Leaving the context stops the task and closes the source.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._held: list[bytes] = []
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._due = math.inf
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "Inflow":
        self._task = asyncio.create_task(self._take_in())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._disarm()
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # seen: a failure that nobody waited for is none

    async def take(self, seconds: float) -> bytes:
        """All that came since the last take, waiting for the first of it; none at the end. Raises what the
        source raised, after what came before it was taken, and TimeoutError after `seconds` without any."""
        if not self._held and not self._task.done():
            await self._wait(seconds)
        if not self._held:
            if not self._task.done():
                raise TimeoutError
            await self._task
        taken = b"".join(self._held)
        self._held.clear()
        self._size = 0
        self._room.set()
        return taken

    async def _wait(self, seconds: float) -> None:
        """One timer serves many waits: it is set anew when it rings too early, not with each of them."""
        self._due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._due:
            self._disarm()
            self._timer = self._loop.call_at(self._due, self._look)
        self._news.clear()
        await self._news.wait()

    def _look(self) -> None:
        self._timer = None
        if self._loop.time() >= self._due:
            self._news.set()
        else:
            self._timer = self._loop.call_at(self._due, self._look)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    async def ended(self, limit: float) -> None:
        """Wait for the source's end, for at most `limit` seconds."""
        await asyncio.wait({self._task}, timeout=limit)

    async def _take_in(self) -> None:
        try:
            async for chunk in self._chunks:
                if chunk:
                    await self._hold(chunk)
        finally:
            self._news.set()

    async def _hold(self, chunk: bytes) -> None:
        self._held.append(chunk)
        self._size += len(chunk)
        self._news.set()
        if self._size > MOST_HELD:
            self._room.clear()
            await self._room.wait()
