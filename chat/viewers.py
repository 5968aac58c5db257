"""One reader of one session: gets what follows its position, from the layer's batches or from the log.

Goes by numbers only. A slow reader delays nobody: it waits in its own task, and beyond a small backlog only
its position is kept.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import orjson
from django.db import Error as DatabaseError

from chat.db import in_database
from chat.events import Batch, Entry
from chat.log import PAGE, read
from chat.metrics import CATCH_UPS, GAPS
from chat.models.runs import run_stream

logger = logging.getLogger(__name__)

BACKLOG: Final = 256 * 1024  # characters that wait for one viewer; beyond that it is served from the log
PAGE_SIZE: Final = 256 * 1024  # characters that one read of the log is meant to bring
FIRST_PAGE: Final = {"session": 20, "run": 100}  # entries, before their size is known
AWAY_SECONDS: Final = 1.0  # until a database that is away is asked again


class Reader(Protocol):
    """What stands behind a viewer: a socket, or the response to a request."""

    async def show(self, entry: Entry) -> None:
        """Returns when there is room for another one."""

    @property
    def is_slow(self) -> bool:
        """Nothing should be kept ready for it."""


class Viewer:
    """A reader of some streams of a session and, if it follows runs, of its runs as they come.

    `position` holds the streams that it follows and the last number that it was sent of each; a run's stream
    enters it with the session's `run-added` and leaves it with the event that ends the run.
    """

    def __init__(
        self, session_id: str, position: Mapping[str, int], reader: Reader, *, follows_runs: bool = True
    ) -> None:
        self.session_id = session_id
        self.position = dict(position)
        self._follows_runs = follows_runs
        self._early: set[str] = set()  # runs that wrote before this viewer heard of them
        self._ended: set[str] = set()
        self._reader = reader
        self._waiting: deque[tuple[Batch, int]] = deque()
        self._backlog = 0
        self._behind: dict[str, str] = {}  # streams to read in the log, and why
        self._page = dict(FIRST_PAGE)
        self._wakeup = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> "asyncio.Task[None]":
        """The task that ends only when it is stopped, or fails."""
        self._task = asyncio.create_task(self._pump())
        return self._task

    def stop(self) -> None:
        self._waiting.clear()
        if self._task:
            self._task.cancel()

    def offer(self, batch: Batch, size: int) -> None:
        """Never waits. `size` is that of the batch's frames."""
        if not self._follows_runs and batch.stream not in self.position:
            return
        self._waiting.append((batch, size))
        self._backlog += size
        if self._backlog > BACKLOG or self._reader.is_slow:
            self._forget_waiting()
        self._wakeup.set()

    def catch_up(self, streams: Iterable[str], reason: str) -> None:
        """Look into the log for what follows the position."""
        self._behind.update(dict.fromkeys(streams, reason))
        self._wakeup.set()

    def missing(self, last: Mapping[str, int]) -> list[str]:
        """Streams whose log goes on after the position."""
        return [stream for stream, seq in self.position.items() if last.get(stream, 0) > seq]

    def _forget_waiting(self) -> None:
        for batch, _ in self._waiting:
            if batch.stream in self.position:
                self._behind[batch.stream] = "slow"
            else:
                self._early.add(batch.stream)
        self._waiting.clear()
        self._backlog = 0

    async def _pump(self) -> None:
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            while self._behind or self._waiting:
                if self._behind:
                    await self._read_log(*self._most_urgent())
                else:
                    await self._pass_on(self._next())

    def _next(self) -> Batch:
        batch, size = self._waiting.popleft()
        self._backlog -= size
        return batch

    async def _pass_on(self, batch: Batch) -> None:
        seen = self.position.get(batch.stream)
        if seen is None:
            self._early.add(batch.stream)
        elif batch.first > seen + 1:
            GAPS.inc()
            self._behind[batch.stream] = "gap"
        else:
            for entry in batch.after(seen):
                await self._show(entry, fresh=True)

    def _most_urgent(self) -> tuple[str, str]:
        """The session's stream first: a run's events mean nothing to who has not heard of its message."""
        stream = min(self._behind, key=lambda name: name.startswith("run:"))
        return stream, self._behind.pop(stream)

    async def _read_log(self, stream: str, reason: str) -> None:
        if stream not in self.position:
            return
        CATCH_UPS.labels(reason).inc()
        kind = stream.partition(":")[0]
        limit = self._page[kind]
        try:
            entries = await in_database(read, stream, self.position[stream], limit)
        except DatabaseError:
            logger.exception("hub: the database is away")
            await asyncio.sleep(AWAY_SECONDS)
            self._behind[stream] = reason
            return
        if len(entries) == limit:
            self._behind[stream] = reason
        if entries:
            mean = sum(len(entry.frame) for entry in entries) // len(entries)
            self._page[kind] = max(1, min(PAGE, PAGE_SIZE // (mean + 1)))
        for entry in entries:
            await self._show(entry)

    async def _show(self, entry: Entry, *, fresh: bool = False) -> None:
        await self._reader.show(entry)
        self.position[entry.stream] = entry.seq
        if entry.ends_run:
            del self.position[entry.stream]
            self._early.discard(entry.stream)
            self._ended.add(entry.stream)
        elif entry.type == "run-added" and self._follows_runs:
            self._follow(run_stream(orjson.loads(entry.frame)["run"]["id"]), fresh=fresh)

    def _follow(self, stream: str, *, fresh: bool) -> None:
        """From its start; what it wrote already is in the log. One that was only just added wrote nothing."""
        if stream in self._ended:
            return
        self.position.setdefault(stream, 0)
        if not fresh or stream in self._early:
            self._behind[stream] = "run"
        self._early.discard(stream)
