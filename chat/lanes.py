"""Commands of one connection that are carried out one after another, beside others that need not wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from chat.commands import AnyCommand

WAITING: Final = 128  # commands; then no more are read from the connection
LARGE: Final = 16 * 1024  # characters of a frame; such a one waits until those before it are done


class Lane:
    """`carry_out` must raise nothing. An idle lane has no task: most connections are idle."""

    __slots__ = ("_carry_out", "_task", "_waiting")

    def __init__(self, carry_out: Callable[[AnyCommand], Awaitable[None]]) -> None:
        self._carry_out = carry_out
        self._waiting: list[AnyCommand] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, command: AnyCommand, size: int) -> None:
        """Returns at once, unless too much is waiting already."""
        while self._task and (len(self._waiting) >= WAITING or (size > LARGE and self._waiting)):
            await asyncio.wait([self._task])
        self._waiting.append(command)
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    def stop(self) -> None:
        """What waits is dropped. A command may end the connection that it came by: it is then carried out."""
        self._waiting.clear()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._carry_out(self._waiting[0])
                del self._waiting[:1]
        finally:
            self._task = None
