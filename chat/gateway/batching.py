"""What comes one by one, in batches of what is there: a response is written once for all of it, and a silence
is noticed without a timer for each item.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Generic, TypeVar

MOST: Final = 64  # items that wait for a slow reader, then no more are asked for

_T = TypeVar("_T")


async def batches(items: AsyncGenerator[_T, None], quiet: float) -> AsyncGenerator[list[_T], None]:
    """All that came since the last batch; an empty one after each `quiet` seconds without an item. Closing it
    closes `items`."""
    reading = _Reading(items)
    task = asyncio.create_task(reading.read())
    try:
        while (batch := await reading.batch(quiet)) or not reading.is_over:
            yield batch
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})


class _Reading(Generic[_T]):
    def __init__(self, items: AsyncGenerator[_T, None]) -> None:
        self._items = items
        self._held: list[_T] = []
        self.is_over = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    async def read(self) -> None:
        try:
            async with aclosing(self._items) as items:
                async for item in items:
                    self._held.append(item)
                    self._news.set()
                    if len(self._held) >= MOST:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self.is_over = True
            self._news.set()

    async def batch(self, quiet: float) -> list[_T]:
        if not self._held and not self.is_over:
            self._news.clear()
            timer = asyncio.get_running_loop().call_later(quiet, self._news.set)
            try:
                await self._news.wait()
            finally:
                timer.cancel()
        batch, self._held = self._held, []
        self._room.set()
        return batch
