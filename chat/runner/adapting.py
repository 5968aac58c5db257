"""The pace at which answers are read that nobody keeps. It is that of the runs, which commits adapt; where
nothing is committed it is adapted here, as long as an answer is open, and until it is at rest again.
"""

import asyncio
import time

from chat.runner.pace import MIN_TICK, Pace


class OpenAnswers:
    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._count = 0
        self._task: asyncio.Task[None] | None = None

    def enter(self) -> None:
        self._count += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._adapt())

    def leave(self) -> None:
        self._count -= 1

    async def _adapt(self) -> None:
        pace = self._pace
        while self._count or pace.tick > MIN_TICK:
            due = time.monotonic() + pace.tick
            await asyncio.sleep(pace.tick)
            now = time.monotonic()
            if now - pace.adapted_at >= pace.tick:  # no commit has
                pace.adapt(0.0, max(0.0, now - due))
