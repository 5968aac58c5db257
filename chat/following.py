"""One stream as an async iterator of entries, from a position on: for every door that is not a socket."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any, Final

import orjson

from chat.events import Entry
from chat.guard import Caller
from chat.runtime import runtime
from chat.viewers import Viewer

QUEUE: Final = 64  # entries that wait for a slow response; the viewer behind it waits too, nobody else does


async def follow(
    session_id: str, stream: str, after: int, quiet: float, caller: Caller
) -> AsyncGenerator[Entry | None, None]:
    """Entries after `after` as they come; None after each `quiet` seconds without one.

    The stream of a run ends after the event that ends the run; a session's never does. Either ends early when
    the caller may read it no longer or the process is about to go: then it is asked for again.
    """
    reading = _entries(session_id, {stream: after}, quiet, caller, follows_runs=False)
    async with aclosing(reading) as entries:
        async for entry in entries:
            yield entry
            if entry and entry.ends_run:
                return


async def feed(
    session_id: str, position: Mapping[str, int], quiet: float, caller: Caller, *, stays: bool = False
) -> AsyncGenerator[Entry | None, None]:
    """The same of a whole session: the streams of `position`, and its runs as they come. Has no end of its
    own. Who `stays` counts as being there, and is told who else is: entries of no stream, type "presence"."""
    reading = _entries(session_id, position, quiet, caller, follows_runs=True, stays=stays)
    async with aclosing(reading) as entries:
        async for entry in entries:
            yield entry


async def _entries(
    session_id: str,
    position: Mapping[str, int],
    quiet: float,
    caller: Caller,
    *,
    follows_runs: bool,
    stays: bool = False,
) -> AsyncGenerator[Entry | None, None]:
    hub = (await runtime()).hub
    reader = _Reader(session_id, caller)
    viewer = Viewer(session_id, position, reader, follows_runs=follows_runs)
    try:
        hub.guard.enter(reader)
        if stays:
            hub.presence.join(session_id, reader)
        await hub.join(viewer)
        while not reader.is_over:
            entry = await reader.next(quiet)
            if entry or not reader.is_over:
                yield entry
    finally:
        if stays:
            hub.presence.leave(session_id, reader)
        hub.leave(viewer)
        hub.guard.leave(reader)


class _Reader:
    """A response that is read as fast as its transport takes it (which is the server's to watch)."""

    kind = "reader"

    def __init__(self, session_id: str, caller: Caller) -> None:
        self.caller = caller
        self.is_over = False
        self._session_id = session_id
        self._queue: asyncio.Queue[Entry | None] = asyncio.Queue(QUEUE)

    async def next(self, seconds: float) -> Entry | None:
        try:
            # Not `wait_for`: that of Python 3.11 loses a cancellation that comes together with an entry, and
            # a reader who leaves at that moment would be told for ever.
            async with asyncio.timeout(seconds):
                return await self._queue.get()
        except TimeoutError:
            return None

    # --- for its viewer -----------------------------------------------------------------

    @property
    def is_slow(self) -> bool:
        return self._queue.full()

    async def show(self, entry: Entry) -> None:
        await self._queue.put(entry)

    # --- as one who is there (chat/presence.py) -----------------------------------------

    def show_presence(self, frame: Mapping[str, Any]) -> bool:
        if self.is_slow:
            return False
        self._queue.put_nowait(Entry("", 0, "presence", orjson.dumps(frame).decode()))
        return True

    # --- for the guard ------------------------------------------------------------------

    @property
    def session_ids(self) -> Collection[str]:
        return [self._session_id]

    def sign_out(self) -> None:
        """What it was not given yet it does not get; None wakes up who waits for more."""
        self.is_over = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def lose(self, session_id: str) -> None:
        self.sign_out()

    def keep_pace(self, now: float) -> None:
        """Its transport is not in our hands."""

    async def go_away(self) -> None:
        self.sign_out()
