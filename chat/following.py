"""One stream as an async iterator of entries, from a position on: for every door that is not a socket."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from chat.events import Entry
from chat.hub import Viewer
from chat.runtime import runtime

QUEUE: Final = 64  # entries that wait for a slow response; the viewer behind it waits too, nobody else does


async def follow(session_id: str, stream: str, after: int, quiet: float) -> AsyncIterator[Entry | None]:
    """Entries after `after` as they come; None after each `quiet` seconds without one.

    The stream of a run ends after the event that ends the run; a session's never does.
    """
    queue: asyncio.Queue[Entry] = asyncio.Queue(QUEUE)
    hub = (await runtime()).hub
    viewer = Viewer(session_id, {stream: after}, queue.put, follows_runs=False)
    await hub.listen(session_id)
    hub.join(viewer, lambda _: None)
    try:
        while True:
            entry = await _next(queue, quiet)
            yield entry
            if entry and entry.ends_run:
                return
    finally:
        await hub.leave(viewer)


async def _next(queue: "asyncio.Queue[Entry]", seconds: float) -> Entry | None:
    try:
        return await asyncio.wait_for(queue.get(), seconds)
    except TimeoutError:
        return None
