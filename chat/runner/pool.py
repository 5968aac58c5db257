"""The runs of this process: executes, beats, stops and sweeps. One pool per process, on its event loop."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings

from chat.actions.runs import forgotten, orphans, runs_beat
from chat.actions.takeover import run_hand_over, run_take_over
from chat.db import AWAY, in_database
from chat.dispatch import RUNNERS, connect, receive_wake_ups
from chat.loops import ended, spawned
from chat.runner.execution import Execution, claimed_execution
from chat.runner.writer import GroupCommit

logger = logging.getLogger(__name__)

HAND_OVER_SECONDS = 8.0  # at the end of a drain; what the database does not take by then is swept up later
AWAY_SECONDS = 1.0  # between attempts to reach a layer or a database that is away


class RunnerPool:
    def __init__(self, owner: str, writer: GroupCommit) -> None:
        self._owner = owner
        self._writer = writer
        self._running: dict[UUID, Execution | None] = {}  # None while it is being claimed
        self._stop_early: set[UUID] = set()  # asked to stop while being claimed
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._database_seen = time.monotonic()
        self._judges_from = 0.0

    def start(self) -> None:
        connect(self.execute)
        for job in (receive_wake_ups(), self._beat(), self._sweep(), self._hear_stops()):
            self._spawn(job)

    async def drain(self, seconds: float) -> None:
        """Take nothing new, let what is running end, and hand over what is left after `seconds`. The others
        have been woken for it when this returns."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        running = [(run_id, execution) for run_id, execution in self._running.items() if execution]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HAND_OVER_SECONDS):
                await asyncio.gather(*(self._quietly(self._hand_over(*one)) for one in running))
        await spawned()

    async def _hand_over(self, run_id: UUID, execution: Execution) -> None:
        await execution.abandon()
        await in_database(run_hand_over, run_id=run_id, owner=self._owner)

    async def close(self) -> None:
        """Drop everything where it stands, as a crash would; what was running is swept up later."""
        connect(None)
        await ended(self._tasks)

    @property
    def active(self) -> int:
        return len(self._running)

    @property
    def _is_full(self) -> bool:
        """Workflows that wait for their agents leave them their places, or all would wait for ever."""
        most: int = settings.RUN_CONCURRENCY
        if len(self._running) < most:
            return False
        return sum(not (one and one.waits) for one in self._running.values()) >= most

    @property
    def _has_room_for_chores(self) -> bool:
        """What is made in the background takes a quarter of the places at most, and leaves one to answers: it
        waits for the sweeper rather than let a person wait. What is being claimed may be either."""
        most: int = settings.RUN_CONCURRENCY
        quarter = most // 4
        chores = sum(one is None or bool(one.run.kind) for one in self._running.values())
        return chores < max(1, quarter) and len(self._running) < max(1, most - quarter)

    async def execute(self, run_id: UUID) -> None:
        """To its end, unless another process has it or takes it."""
        if self._draining or run_id in self._running or self._is_full:
            return
        background = self._has_room_for_chores
        self._running[run_id] = None
        self._idle.clear()
        try:
            await self._execute_claimed(run_id, background)
        except Exception:
            logger.exception("run %s: left to the sweeper", run_id)
        finally:
            del self._running[run_id]
            if not self._running:
                self._idle.set()
            self._stop_early.discard(run_id)

    async def _execute_claimed(self, run_id: UUID, background: bool) -> None:
        execution = await claimed_execution(run_id, self._owner, self._writer, background=background)
        if execution is None:
            return
        self._running[run_id] = execution
        if execution.run.stop_requested_at or run_id in self._stop_early:
            execution.stop()
        await execution.execute()

    def stop(self, run_id: UUID) -> None:
        if execution := self._running.get(run_id):
            execution.stop()
        elif run_id in self._running:
            self._stop_early.add(run_id)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- beside the runs ------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the leases, and find the stops that the layer lost."""
        while True:
            await asyncio.sleep(min(1.0, settings.RUN_LEASE_SECONDS / 3))
            if self._running:
                await self._quietly(self._beat_once())

    async def _beat_once(self) -> None:
        for run_id in await in_database(runs_beat, owner=self._owner, run_ids=list(self._running)):
            self.stop(run_id)

    async def _sweep(self) -> None:
        """Take over what dead processes left behind, and start what nobody was woken for."""
        while True:
            await self._quietly(self._sweep_once())
            await asyncio.sleep(settings.RUN_SWEEP_SECONDS)

    async def _sweep_once(self) -> None:
        if self._draining:
            return
        lost, waiting = await in_database(_found)
        if self._may_judge():
            await self._take_over([run_id for run_id in lost if run_id not in self._running])
        for run_id in waiting:
            self._spawn(self.execute(run_id))

    async def _take_over(self, run_ids: list[UUID]) -> None:
        try:
            for run_id in run_ids:
                await in_database(run_take_over, run_id=run_id)
        except AWAY as error:  # read it can be, but not written: no owner could renew its lease either
            logger.warning("pool: the database takes nothing: %s", error)
            self._judges_from = time.monotonic() + settings.RUN_LEASE_SECONDS

    def _may_judge(self) -> bool:
        """Not just after the database was away, or this process was frozen: the owners could not renew their
        leases, or not be seen to. Within one lease those that live have done so."""
        now = time.monotonic()
        if now - self._database_seen > 2 * settings.RUN_SWEEP_SECONDS + AWAY_SECONDS:
            self._judges_from = now + settings.RUN_LEASE_SECONDS
        self._database_seen = now
        return now >= self._judges_from

    async def _hear_stops(self) -> None:
        layer: Any = get_channel_layer()
        channel = ""
        while True:
            try:
                if not channel:
                    channel = await layer.new_channel("pool")
                    await layer.group_add(RUNNERS, channel)
                self.stop(UUID((await layer.receive(channel))["run_id"]))
            except Exception as error:
                logger.warning("pool: the layer is away; stops are found with the next beat: %s", error)
                channel = ""
                await asyncio.sleep(AWAY_SECONDS)

    async def _quietly(self, job: Coroutine[Any, Any, None]) -> None:
        try:
            await job
        except AWAY as error:
            logger.warning("pool: could not reach the database: %s", error)
        except Exception:
            logger.exception("pool: something beside the runs failed")


def _found() -> tuple[list[UUID], list[UUID]]:
    return (
        list(orphans().values_list("id", flat=True)),
        list(forgotten().values_list("id", flat=True)[: settings.RUN_CONCURRENCY]),
    )
