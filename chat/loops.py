"""From any thread to the event loop of this process's runtime."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final

from asgiref.sync import async_to_sync

PATIENCE: Final = 3.0  # seconds

_main: asyncio.AbstractEventLoop | None = None
_tasks: set["asyncio.Task[None]"] = set()


def use_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    global _main
    _main = loop


def spawn(job: Coroutine[Any, Any, None]) -> None:
    """Run it on the runtime's loop, soon. Without a runtime (a management command) it is run here and now."""
    if _main is None:
        async_to_sync(_awaited)(job)
    elif _running_loop() is _main:
        _start(job)
    else:
        _main.call_soon_threadsafe(_start, job)


async def _awaited(job: Coroutine[Any, Any, None]) -> None:
    await job


async def spawned() -> None:
    """Returns when all that was spawned so far is done, or it makes no sense to wait any longer."""
    await asyncio.sleep(0)  # what other threads handed over becomes a task first
    if _tasks:
        await asyncio.wait(list(_tasks), timeout=PATIENCE)


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel these, and return when all have ended. Those that go on are asked again: `asyncio.wait_for` of
    Python 3.11, inside of Redis's client, loses a cancellation that comes as its future is done."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=PATIENCE)


def _start(job: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(job)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
