"""The runs of this process: wakes, beats, stops and sweeps. One pool per process, on its event loop."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from chat.actions.runs import forgotten, orphans, run_interrupt, runs_beat
from chat.db import in_database
from chat.runner.execution import Execution, claimed_execution
from chat.runner.writer import GroupCommit

logger = logging.getLogger(__name__)


class RunnerPool:
    def __init__(self, owner: str, writer: GroupCommit) -> None:
        self._owner = owner
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._running: dict[UUID, Execution | None] = {}  # None while it is being claimed
        self._stop_early: set[UUID] = set()  # asked to stop while being claimed
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._spawn(self._beat())
        self._spawn(self._sweep())

    async def close(self) -> None:
        """Drop everything where it stands, as a crash would; what was running is swept up later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self, run_id: UUID) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(lambda: self._spawn(self._execute(run_id)))

    def stop(self, run_id: UUID) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._stop, run_id)

    @property
    def active(self) -> int:
        return len(self._running)

    def _stop(self, run_id: UUID) -> None:
        if execution := self._running.get(run_id):
            execution.stop()
        elif run_id in self._running:
            self._stop_early.add(run_id)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, run_id: UUID) -> None:
        if run_id in self._running:
            return
        self._running[run_id] = None
        try:
            await self._execute_claimed(run_id)
        except Exception:
            logger.exception("run %s: left to the sweeper", run_id)
        finally:
            del self._running[run_id]
            self._stop_early.discard(run_id)

    async def _execute_claimed(self, run_id: UUID) -> None:
        execution = await claimed_execution(run_id, self._owner, self._writer)
        if execution is None:
            return
        self._running[run_id] = execution
        if execution.run.stop_requested_at or run_id in self._stop_early:
            execution.stop()
        await execution.execute()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(settings.RUN_LEASE_SECONDS / 3)
            if self._running:
                await self._quietly(in_database(runs_beat, owner=self._owner, run_ids=list(self._running)))

    async def _sweep(self) -> None:
        """End what dead processes left behind, and start what nobody was woken for."""
        while True:
            await self._quietly(self._sweep_once())
            await asyncio.sleep(settings.RUN_SWEEP_SECONDS)

    async def _sweep_once(self) -> None:
        lost, waiting = await in_database(_found)
        for run_id in lost:
            await in_database(run_interrupt, run_id=run_id)
        for run_id in waiting:
            self.wake(run_id)

    async def _quietly(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except Exception:
            logger.exception("pool: the database is away")


def _found() -> tuple[list[UUID], list[UUID]]:
    now = timezone.now()
    return (
        list(orphans(now).values_list("id", flat=True)),
        list(forgotten(now).values_list("id", flat=True)),
    )
