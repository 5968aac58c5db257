"""Whether this process is about to go, and how it hears of that."""

import asyncio
import signal

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
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, terminated.set)
    await terminated.wait()
    announce()
