"""What an event loop needs to ask providers with regard for each other: places, breakers, and how it
went lately.

Made when it is first needed. Beside it, once a second, it renews its places, tells the other processes
how its providers do, and hears from them.
"""

import asyncio
import logging
import os
import socket
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from django.conf import settings

from providers.breaker import Breaker
from providers.metrics import BREAKER, QUEUE
from providers.places import Limiter
from providers.routing import Candidate
from providers.shared import Shared, SharedAway
from providers.windows import Totals, Window

logger = logging.getLogger(__name__)

EVERY: Final = 1.0  # seconds between two looks at the others
KEPT: Final = 5.0  # seconds that the picture of a process which says nothing more is believed
MOST_MODELS: Final = 500  # that are counted apart
OTHER: Final = "other"
LEVELS: Final = {"closed": 0, "half-open": 1, "open": 2}
PICTURE: Final = (Path(__file__).parent / "lua" / "picture.lua").read_text()
PICTURES: Final = ["pictures"]


class Picture(msgspec.Struct):
    """What one process tells: by `provider/model` how that went, with those who wait under `provider/`; and
    counts of other things that it has."""

    models: dict[str, Totals]
    gauges: dict[str, int]


pictures: Final = msgspec.json.Decoder(Picture)


class Switchboard:
    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.shared = Shared(settings.REDIS_URL) if settings.REDIS_URL else None
        self.limiter = Limiter(self.shared)
        self.breaker = Breaker(
            self.shared, threshold=settings.PROVIDER_FAILURES, seconds=settings.PROVIDER_PAUSE_SECONDS
        )
        self.windows: dict[str, Window] = defaultdict(Window)
        self.gauges: dict[str, Callable[[], int]] = {}  # told to the other processes as well
        self._others: Counter[str] = Counter()  # provider → requests that other processes have going on
        self._beside = asyncio.create_task(self._look_around())

    def busy(self, provider: str) -> int:
        """Requests that this provider is answering, all processes together; those of others as of a
        second ago."""
        return self._others[provider] + sum(
            window.in_flight for ref, window in list(self.windows.items()) if provider_in(ref) == provider
        )

    def window(self, candidate: Candidate) -> Window:
        """Callers may name models as they like where a provider takes any: not all of them are counted
        apart."""
        known = candidate.ref in self.windows or len(self.windows) < MOST_MODELS
        return self.windows[candidate.ref if known else f"{candidate.provider}/{OTHER}"]

    def picture(self) -> Picture:
        """How this process does."""
        seen = {ref: window.totals() for ref, window in list(self.windows.items())}
        waiting = {f"{name}/": Totals(waiting=n) for name, n in list(self.limiter.waiting.items()) if n}
        return Picture(seen | waiting, {name: gauge() for name, gauge in self.gauges.items()})

    async def close(self) -> None:
        self._beside.cancel()
        await asyncio.wait({self._beside})
        if self.shared:
            await self.shared.close()

    async def _look_around(self) -> None:
        while True:
            try:
                await self._look()
            except SharedAway:
                self._others.clear()
            except Exception:
                logger.exception("providers: could not look at the other processes")
            await asyncio.sleep(EVERY)

    async def _look(self) -> None:
        self._measure()
        self.limiter.renew()
        if self.shared is None:
            return
        await self.breaker.look()
        mine = msgspec.json.encode(self.picture())
        told = await self.shared.run(PICTURE, PICTURES, self.name, mine, int(KEPT * 1000))
        self._others.clear()
        for name, picture in zip(told[::2], told[1::2], strict=True):
            if name.decode() != self.name:
                self._hear(pictures.decode(picture))

    def _hear(self, picture: Picture) -> None:
        for ref, totals in picture.models.items():
            self._others[provider_in(ref)] += totals.in_flight

    def _measure(self) -> None:
        now = self.breaker.clock()
        for ref in self.windows:
            circuit = self.breaker.circuits.get(ref)
            level = LEVELS[circuit.state(now)] if circuit else 0
            BREAKER.labels(*ref.split("/", 1)).set(level)
        for provider, waiting in self.limiter.waiting.items():
            QUEUE.labels(provider).set(waiting)


_boards: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = WeakKeyDictionary()


def switchboard() -> Switchboard:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    found = _boards.get(loop)
    if found is None:
        for ended in [known for known in _boards if known.is_closed()]:
            del _boards[ended]
        found = _boards[loop] = Switchboard()
    return found


def switchboards() -> list[Switchboard]:
    """All of this process, from any thread."""
    return list(_boards.values())


async def close_switchboard() -> None:
    """End what runs beside the running loop's; the next `switchboard()` makes another."""
    found = _boards.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


def provider_in(ref: str) -> str:
    """The provider's id of `provider/model`."""
    return ref.partition("/")[0]
