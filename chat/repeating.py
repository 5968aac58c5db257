"""What a process does from time to time beside its runs and its viewers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from chat.loops import ended

logger = logging.getLogger(__name__)


class Repeating:
    """While it is started, `chore` is done every so many seconds (0: never), but not at once: a start has
    better things to do, and a crash loop should not clean all the time. What it raises is logged with the
    words `failed`, and the next turn comes all the same."""

    def __init__(self, chore: Callable[[], Awaitable[object]], seconds: float, failed: str) -> None:
        self._chore = chore
        self._seconds = seconds
        self._failed = failed
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        if self._seconds > 0:
            self._tasks = [asyncio.create_task(self._repeat())]

    async def stop(self) -> None:
        await ended(self._tasks)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self._chore()
            except Exception:
                logger.exception(self._failed)
