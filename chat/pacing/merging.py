"""Several streams, or one that comes faster than it is read, as one stream of events."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

from chat.errors import OverBudget
from chat.pacing.paces import Backlog
from providers.errors import ProviderError
from providers.events import Error, RunEvent

AHEAD: Final = 256  # events that a source may be ahead of the reader

Events = AsyncGenerator[RunEvent, None]


async def interleaved(sources: Mapping[str, Events]) -> AsyncGenerator[tuple[str, RunEvent], None]:
    """Events tagged with their source, fairly in turn: of each that has something, one. A source that fails
    ends with its error, and the others go on. Closing it closes them all."""
    queues: dict[str, asyncio.Queue[RunEvent | None]] = {name: asyncio.Queue(AHEAD) for name in sources}
    news = asyncio.Event()
    tasks = [
        asyncio.create_task(_pump(_told_failures(source), queues[name], news))
        for name, source in sources.items()
    ]
    try:
        while queues:
            await news.wait()
            news.clear()
            while ready := [name for name, queue in queues.items() if not queue.empty()]:
                for name in ready:
                    event = queues[name].get_nowait()
                    if event is None:
                        del queues[name]
                    else:
                        yield name, event
        await asyncio.gather(*tasks)
    finally:
        await _stopped(tasks)


async def prioritised(source: Events) -> Events:
    """While the reader is slow, what waits is shown in the order of its urgency; a failure is raised last."""
    backlog, queue, news = Backlog(), asyncio.Queue[RunEvent | None](AHEAD), asyncio.Event()
    task = asyncio.create_task(_pump(source, queue, news))
    over = False
    try:
        while not over:
            await news.wait()
            news.clear()
            over = _drained(queue, backlog)
            while event := backlog.take():
                yield event
                over = _drained(queue, backlog) or over
        await task
    finally:
        await _stopped([task])


def _drained(queue: "asyncio.Queue[RunEvent | None]", backlog: Backlog) -> bool:
    """True where the source is over."""
    while not queue.empty():
        event = queue.get_nowait()
        if event is None:
            return True
        backlog.put(event)
    return False


async def _pump(source: Events, queue: "asyncio.Queue[RunEvent | None]", news: asyncio.Event) -> None:
    try:
        async with aclosing(source):
            async for event in source:
                await queue.put(event)
                news.set()
    except Exception:
        await _end(queue, news)
        raise
    await _end(queue, news)


async def _end(queue: "asyncio.Queue[RunEvent | None]", news: asyncio.Event) -> None:
    await queue.put(None)
    news.set()


async def _told_failures(source: Events) -> Events:
    """A provider's failure, and a budget that leaves no room, as the event that ends its answer."""
    try:
        async with aclosing(source):
            async for event in source:
                yield event
    except ProviderError as error:
        yield Error(code=error.code, message=error.message, retryable=error.retryable)
    except OverBudget as error:
        yield Error(code=error.code, message=str(error.message))


async def _stopped(tasks: "list[asyncio.Task[None]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
