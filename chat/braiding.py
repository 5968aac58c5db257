"""A workflow's run and the runs of its agents as one stream of events, as they come: nobody waits behind
another's long text.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from chat.access import run_for
from chat.db import in_database
from chat.guard import Caller
from chat.loops import ended
from chat.models import Run
from chat.retelling import events_of
from providers.events import Abort, AgentError, AgentFinish, AgentStart, Error, Finish, RunEvent

AHEAD: Final = 64  # events that are read before somebody takes them


@dataclass(frozen=True, slots=True)
class Strand:
    """An event of one of the runs; None after a silence, and where the run's stream is over."""

    run: Run
    event: RunEvent | None = None
    over: bool = False


class Braid:
    def __init__(self, run: Run, caller: Caller) -> None:
        self._run = run
        self._caller = caller
        self._queue: asyncio.Queue[Strand] = asyncio.Queue(AHEAD)
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._open: set[str] = set()
        self._held: dict[str, Strand] = {}  # ends, until all that they end was told

    async def strands(self) -> AsyncGenerator[Strand, None]:
        """Last the end of the workflow's run. An agent's end comes after all that it wrote."""
        self._begin(self._run)
        try:
            while self._open:
                strand = await self._queue.get()
                for told in await self._told(strand):
                    yield told
            for pump in self._pumps.values():
                pump.result()
            if end := self._held.pop(str(self._run.id), None):
                yield end
        finally:
            await ended(set(self._pumps.values()))

    async def _told(self, strand: Strand) -> list[Strand]:
        run_id = str(strand.run.id)
        if strand.over:
            self._open.discard(run_id)
            held = self._held.pop(run_id, None) if strand.run is not self._run else None
            return [held] if held else []
        match strand.event:
            case AgentStart(child_id=child) if child and child not in self._pumps:
                self._begin(await in_database(run_for, self._caller.user, child))
            case AgentFinish(child_id=child) | AgentError(child_id=child) if child in self._open:
                self._held[child] = strand
                return []
            case Finish() | Abort() | Error() if strand.run is self._run:
                self._held[run_id] = strand
                return []
        return [strand]

    def _begin(self, run: Run) -> None:
        self._open.add(str(run.id))
        self._pumps[str(run.id)] = asyncio.create_task(self._pump(run))

    async def _pump(self, run: Run) -> None:
        failed: Exception | None = None
        try:
            async with aclosing(events_of(run, self._caller)) as told:
                async for item in told:
                    await self._queue.put(Strand(run, item[1] if item else None))
        except Exception as error:
            failed = error
        await self._queue.put(Strand(run, over=True))
        if failed:
            raise failed
