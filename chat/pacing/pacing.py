"""Events at a pace: the waiting that `paces` leaves to others."""

import asyncio
import time
from collections.abc import AsyncGenerator

from chat.pacing.merging import prioritised
from chat.pacing.paces import Pace, Settings
from chat.pacing.registry import PRIORITY, pace_named
from providers.events import RunEvent


def at_pace(
    events: AsyncGenerator[RunEvent, None], name: str, settings: Settings
) -> AsyncGenerator[RunEvent, None]:
    """A name that nobody registered here is no reason to fail: as they come."""
    if name == PRIORITY:
        return prioritised(events)
    make = pace_named(name)
    return events if make is None else paced(events, make(settings))


async def paced(items: AsyncGenerator[RunEvent, None], pace: Pace) -> AsyncGenerator[RunEvent, None]:
    """Closing it closes `items`. What is held is shown before a failure is raised."""
    coming: asyncio.Task[RunEvent] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(items))
            left = None if pace.due is None else max(0.0, pace.due - time.monotonic())
            done, _ = await asyncio.wait({coming}, timeout=left)
            try:
                ready = pace.feed(coming.result(), time.monotonic()) if done else pace.flush()
            except StopAsyncIteration:
                break
            except Exception:
                coming = None
                for event in pace.flush():
                    yield event
                raise
            finally:
                coming = None if done else coming
            for event in ready:
                yield event
        for event in pace.flush():
            yield event
    finally:
        if coming:
            coming.cancel()
            await asyncio.wait({coming})
        await items.aclose()
