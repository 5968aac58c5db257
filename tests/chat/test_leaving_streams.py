"""A reader of a stream who leaves is gone, also in the very moment in which something comes for it."""

import asyncio
from typing import Any

import pytest

from chat.events import Entry
from chat.following import _Reader


@pytest.mark.parametrize("turns", range(4))
async def test_a_reader_who_leaves_as_an_entry_comes_has_left(turns: int) -> None:
    """Django ends a response by cancelling what it waits for; it does so once."""
    caller: Any = None
    reader = _Reader("session", caller)
    waiting = asyncio.create_task(reader.next(60))
    await asyncio.sleep(0)
    await reader.show(Entry("run:1", 1, "text-delta", "{}"))
    for _ in range(turns):
        await asyncio.sleep(0)
    was_asked_in_time = waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled() is was_asked_in_time
