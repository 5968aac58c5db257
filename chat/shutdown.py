"""Whether this process is about to go, and how it hears of that."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_going = False


def is_going() -> bool:
    """Turns true first of all: `/readyz` tells the balancer to send nobody here any more."""
    return _going


def announce() -> None:
    global _going
    _going = True


async def until_terminated() -> None:
    """Returns at the first SIGTERM or SIGINT; from then on `is_going()`."""
    terminated = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, terminated.set)
    await terminated.wait()
    announce()


def before_termination(farewell: Callable[[], Awaitable[None]]) -> None:
    """Under a server that hears signals itself (uvicorn closes its sockets at once, and tells us last): at
    the first SIGTERM or SIGINT `is_going()`, then `farewell`, and then the server gets the signal. A second
    signal it gets at once."""
    if threading.current_thread() is not threading.main_thread():
        return  # a server inside another program, which gets the signals
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        signal.signal(number, _Farewell(loop, farewell, signal.getsignal(number)))


class _Farewell:
    def __init__(
        self, loop: asyncio.AbstractEventLoop, farewell: Callable[[], Awaitable[None]], server: Any
    ) -> None:
        self._loop, self._farewell, self._server = loop, farewell, server
        self._task: asyncio.Task[None] | None = None

    def __call__(self, number: int, frame: Any) -> None:
        if is_going():
            self._pass_on(number, frame)
            return
        announce()
        self._loop.call_soon_threadsafe(self._begin, number, frame)

    def _begin(self, number: int, frame: Any) -> None:
        self._task = self._loop.create_task(self._say(number, frame))

    async def _say(self, number: int, frame: Any) -> None:
        try:
            await self._farewell()
        finally:
            self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: Any) -> None:
        if callable(self._server):
            self._server(number, frame)
