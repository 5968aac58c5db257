"""Group commit: the events of all runs of this process go to the log in one transaction per tick.

The first event of an idle log goes at once. What comes within a tick waits for the next one, and deltas of
one part are merged into one event.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

from django.db import IntegrityError, close_old_connections, transaction

from chat.db import AWAY, in_database
from chat.errors import LeaseLost
from chat.events import Batch, Envelope
from chat.log import append_and_publish, read
from chat.loops import ended
from chat.publishing import publish
from chat.runner.pace import Pace
from providers.events import Delta, RunEvent
from providers.folding import fold_all, merge_deltas
from providers.parts import Parts

logger = logging.getLogger(__name__)

MAX_BUFFERED: Final = 10_000  # events of one run that may wait; its upstream is read no further until then
RETRY_SECONDS: Final = 0.5  # between attempts to commit while the database is away

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def persistently(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """`in_database`, again and again while the database is away. For what may be done twice: a line that
    breaks after the commit cannot tell that it was done."""
    while True:
        try:
            return await in_database(function, *args, **kwargs)
        except AWAY as error:
            logger.warning("runner: waiting for the database: %s", error)
            await asyncio.sleep(RETRY_SECONDS)


class RunLog:
    """The writing end of one run's stream, held by its owner: numbers, folds and buffers its events."""

    def __init__(self, envelope: Envelope, writer: "GroupCommit", parts: Parts, last_seq: int) -> None:
        self.parts = parts
        self.last_seq = last_seq
        self.failure: Exception | None = None
        self._envelope = envelope
        self._writer = writer
        self._buffer: list[RunEvent] = []
        self._spoke = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def add(self, event: RunEvent) -> None:
        """Buffer for the next commit. Waits only when too much is buffered. Raises LeaseLost."""
        if self.failure:
            raise self.failure
        if not self._spoke and isinstance(event, Delta):
            self._spoke = True
            self._writer.hurry()
        self._buffer.append(event)
        self._idle.clear()
        self._writer.wake(self)
        if len(self._buffer) >= MAX_BUFFERED:
            await self.flushed()

    async def flushed(self) -> None:
        """Returns when all that was added is committed. Raises LeaseLost."""
        await self._idle.wait()
        if self.failure:
            raise self.failure

    @property
    def has_news(self) -> bool:
        return bool(self._buffer)

    def take(self) -> Batch:
        """What is buffered, merged, folded and numbered."""
        events = merge_deltas(self._buffer)
        self._buffer = []
        self.parts = fold_all(self.parts, events)
        batch = self._envelope.seal(self.last_seq, events)
        self.last_seq = batch.last
        return batch

    def committed(self) -> None:
        if not self._buffer:
            self._idle.set()

    def fail(self, failure: Exception) -> None:
        self.failure = failure
        self._buffer = []
        self._idle.set()


class QuietLog(RunLog):
    """Of a run in the background: nobody reads along, so nothing is logged before its end. Whoever takes it
    over begins anew."""

    async def add(self, event: RunEvent) -> None:
        self._buffer.append(event)

    async def flushed(self) -> None:
        self.parts = fold_all(self.parts, merge_deltas(self._buffer))
        self._buffer = []


class GroupCommit:
    """One per process. It has a thread and a database connection of its own."""

    def __init__(self) -> None:
        self.pace = Pace()
        self._committing = 0.0  # seconds that the database took for the commits of this tick
        self._waiting: dict[RunLog, None] = {}
        self._wakeup = asyncio.Event()
        self._urgent = asyncio.Event()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log")
        self._task: asyncio.Task[None] | None = None

    def open(self, envelope: Envelope, parts: Parts = (), last_seq: int = 0) -> RunLog:
        """Go on after what the stream holds: `parts` at `last_seq`."""
        return RunLog(envelope, self, parts, last_seq)

    def wake(self, log: RunLog) -> None:
        self._waiting[log] = None
        self._wakeup.set()

    def hurry(self) -> None:
        """The first words of an answer: whoever asked is waiting for them, so they end the tick."""
        self._urgent.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._commit_all())

    async def stop(self) -> None:
        if self._task:
            await ended([self._task])
        self._executor.shutdown(wait=False)

    async def _commit_all(self) -> None:
        late = 0.0
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            self._urgent.clear()
            self._committing = 0.0
            await self._commit_waiting()
            self.pace.adapt(self._committing, late)
            late = await self._rest()

    async def _rest(self) -> float:
        """Until the next commit is due, or somebody is in a hurry. Gives by how much it was too long."""
        clock = asyncio.get_running_loop().time
        due = self.pace.next_commit(clock())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._urgent.wait()
        return max(0.0, clock() - due)

    async def _commit_waiting(self) -> None:
        logs, self._waiting = [log for log in self._waiting if log.has_news], {}
        try:
            await self._commit(logs, [log.take() for log in logs])
        except Exception as error:  # the writer must outlive whatever one run brings
            logger.exception("log: %d batches could not be written", len(logs))
            for log in logs:
                log.fail(error)

    async def _commit(self, logs: list[RunLog], batches: list[Batch]) -> None:
        try:
            await self._insert(batches)
        except Exception:
            await self._commit_apart(logs, batches)
        for log in logs:
            log.committed()

    async def _commit_apart(self, logs: list[RunLog], batches: list[Batch]) -> None:
        """One of the runs was taken over, or brings what cannot be stored: let the others go on."""
        for log, batch in zip(logs, batches, strict=True):
            try:
                await self._insert([batch])
            except IntegrityError:
                logger.warning("log: %s was taken over by another owner", batch.stream)
                log.fail(LeaseLost())
            except Exception as error:
                logger.exception("log: %s could not be written", batch.stream)
                log.fail(error)

    async def _insert(self, batches: list[Batch]) -> None:
        """Commit, again and again while the database is away: the runs wait, nothing is dropped. Raises
        IntegrityError where another owner wrote."""
        insert = _insert
        while True:
            try:
                loop = asyncio.get_running_loop()
                self._committing += await loop.run_in_executor(self._executor, _timed, insert, batches)
                return
            except AWAY as error:
                logger.warning("log: the database did not take %d batches yet: %s", len(batches), error)
                insert = _insert_missing
                await asyncio.sleep(RETRY_SECONDS)


def _timed(insert: Callable[[list[Batch]], None], batches: list[Batch]) -> float:
    """The seconds that it took in this thread: the loop hears of it when it has told the viewers."""
    started = time.monotonic()
    insert(batches)
    return time.monotonic() - started


def _insert(batches: list[Batch]) -> None:
    close_old_connections()
    with transaction.atomic():
        append_and_publish(batches)


def _insert_missing(batches: list[Batch]) -> None:
    """After an attempt whose outcome is not known: the line may have broken after the commit. Then the log
    holds these very entries, and only the viewers have not been told."""
    close_old_connections()
    there = [batch for batch in batches if _is_logged(batch)]
    if len(there) < len(batches):
        _insert([batch for batch in batches if batch not in there])
    publish(there)


def _is_logged(batch: Batch) -> bool:
    return tuple(read(batch.stream, batch.first - 1, len(batch.entries))) == batch.entries
