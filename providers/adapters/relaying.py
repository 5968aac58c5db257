"""From a vendor's response to our events: reads bytes, splits them, lets the vendor's wire read the events.

It owns the waiting and the closing; it knows no vendor's format.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final, Protocol

import httpx2

from providers.contract import Timeouts
from providers.errors import ProviderError, StreamBroken
from providers.events import RunEvent
from providers.sse import SseDecoder, SseEvent

MOST_HELD: Final = 1024 * 1024  # bytes taken in ahead of a slow reader
LAST_WAIT: Final = 5.0  # seconds for what may follow after the answer is complete: usage, the terminator
FAREWELL: Final = 0.05  # seconds for the end of the body, so that the connection can be used again


class Response(Protocol):
    """The raw answer, as both SDKs' streaming responses offer it."""

    def iter_bytes(self) -> AsyncIterator[bytes]: ...


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


async def relay(
    opening: AbstractAsyncContextManager[Response], wire: Wire, timeouts: Timeouts
) -> AsyncIterator[RunEvent]:
    """The events of one answer. Raises ProviderError and TimeoutError, and whatever the opening raises."""
    patience = _Patience(wire, timeouts)
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(patience.left()):
            response = await stack.enter_async_context(opening)
        inflow = await stack.enter_async_context(Inflow(response.iter_bytes()))
        decoder = SseDecoder()
        while not wire.done and (chunk := await _next(inflow, wire, patience)):
            failure = _read_all(wire, decoder, chunk)
            for event in wire.take():
                yield event
            if failure:
                raise failure
        for event in wire.finish():
            yield event
        await inflow.ended(FAREWELL)


def _read_all(wire: Wire, decoder: SseDecoder, chunk: bytes) -> ProviderError | None:
    """Feed the wire; a failure is handed back so that what came before it is shown first."""
    try:
        for event in decoder.feed(chunk):
            wire.read(event)
    except ProviderError as error:
        return error
    return None


async def _next(inflow: "Inflow", wire: Wire, patience: "_Patience") -> bytes:
    """The next bytes; none at the end. A connection that breaks after a complete answer is an end as well."""
    try:
        async with asyncio.timeout(patience.left()):
            return await inflow.take()
    except (httpx2.TransportError, TimeoutError) as error:
        if wire.complete:
            return b""
        if isinstance(error, TimeoutError):
            raise
        raise StreamBroken(detail=repr(error)) from error


class _Patience:
    """How long to wait: until a fixed moment for the first token, then anew for every piece."""

    def __init__(self, wire: Wire, timeouts: Timeouts) -> None:
        self._wire = wire
        self._timeouts = timeouts
        self._first_due = asyncio.get_running_loop().time() + timeouts.first_token

    def left(self) -> float:
        if self._wire.complete:
            return LAST_WAIT
        if self._wire.begun:
            return self._timeouts.between_tokens
        return self._first_due - asyncio.get_running_loop().time()


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

    async def __aenter__(self) -> "Inflow":
        self._task = asyncio.create_task(self._take_in())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.exception()  # seen: a failure that nobody waited for is none

    async def take(self) -> bytes:
        """All that came since the last take, waiting for the first of it; none at the end. Raises what the
        source raised, after what came before it was taken."""
        if not self._held and not self._task.done():
            self._news.clear()
            await self._news.wait()
        if not self._held:
            await self._task
        taken = b"".join(self._held)
        self._held.clear()
        self._size = 0
        self._room.set()
        return taken

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
