"""Leaving a provider's model alone when it failed several times in a row, and finding out when it is back.

Closed: asked as usual. Open: not asked for a while. Half open: one request, of all processes together,
may try; its answer closes the breaker, its failure opens it again.

purgatory, which this house would use, lets everybody through when half open, and its Redis store is for
another generation of the client. What all processes know is in Redis; every process keeps a picture of
it that is at most a second old, so that a request to a provider in good health asks nobody.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from providers.shared import Shared, SharedAway

State: TypeAlias = Literal["closed", "open", "half-open"]

MEMORY: Final = 60.0  # seconds after which a single failure is forgotten
PROBE: Final = 30.0  # seconds that a probe may take until there may be another
LONGEST: Final = 300.0  # seconds that a provider's own wish keeps its breaker open

_SCRIPTS: Final = Path(__file__).parent / "lua"
FAIL: Final = (_SCRIPTS / "breaker_fail.lua").read_text()
ASK: Final = (_SCRIPTS / "breaker_ask.lua").read_text()
END: Final = (_SCRIPTS / "breaker_end.lua").read_text()
ALL: Final = (_SCRIPTS / "breaker_all.lua").read_text()
KEYS: Final = ["breakers"]


@dataclass(slots=True)
class Circuit:
    """The breaker of one model as one process knows it. Times are the clock's, in seconds; 0 is never."""

    failures: int = 0
    open_until: float = 0.0
    probe_until: float = 0.0
    last_failure: float = 0.0

    def ask(self, now: float) -> float:
        """0 where it may be asked; otherwise the seconds until it may. Half open, the one who asks is
        the probe."""
        if not self.open_until:
            return 0.0
        busy_until = max(self.open_until, self.probe_until)
        if busy_until > now:
            return busy_until - now
        self.probe_until = now + PROBE
        return 0.0

    def fail(self, now: float, threshold: int, seconds: float) -> None:
        if not self.open_until and now - self.last_failure > MEMORY:
            self.failures = 0
        self.failures += 1
        self.last_failure = now
        self.probe_until = 0.0
        if self.open_until or self.failures >= threshold:
            self.open_until = now + seconds

    def state(self, now: float) -> State:
        if not self.open_until:
            return "closed"
        return "open" if self.open_until > now else "half-open"


@dataclass(slots=True)
class Breaker:
    """The breakers of all models. `threshold` is in failures, `seconds` is how long one stays open."""

    shared: Shared | None
    threshold: int = 5
    seconds: float = 30.0
    clock: Callable[[], float] = time.monotonic
    circuits: dict[str, Circuit] = field(default_factory=dict)
    telling: "dict[asyncio.Task[Any], str]" = field(default_factory=dict)  # what Redis may not know yet
    news: set[str] = field(default_factory=set)  # what was told since the last look began

    async def ask(self, ref: str) -> float:
        """0 where the model may be asked; otherwise the seconds until somebody may."""
        circuit = self.circuits.get(ref)
        if circuit is None or not circuit.open_until:
            return 0.0
        if self.shared is None:
            return circuit.ask(self.clock())
        try:
            left = int(await self.shared.run(ASK, KEYS, ref, int(PROBE * 1000)))
        except SharedAway:
            return circuit.ask(self.clock())
        return max(left, 0) / 1000

    def failed(self, ref: str, retry_after: float | None = None) -> None:
        """`retry_after` is a wish to be left alone for so many seconds, which opens it at once."""
        threshold = self.threshold if retry_after is None else 1
        seconds = self.seconds if retry_after is None else min(retry_after, LONGEST)
        self.circuits.setdefault(ref, Circuit()).fail(self.clock(), threshold, seconds)
        self._tell(FAIL, ref, threshold, int(seconds * 1000), int(MEMORY * 1000))

    def answered(self, ref: str) -> None:
        if self.circuits.pop(ref, None):
            self._tell(END, ref, "closed")

    def undecided(self, ref: str) -> None:
        """A request ended before one could tell, because it was stopped: the next one may be the probe."""
        circuit = self.circuits.get(ref)
        if circuit and circuit.open_until:
            circuit.probe_until = 0.0
            self._tell(END, ref, "undecided")

    async def look(self) -> None:
        """See what the other processes know; of what this one is just telling them, it knows more itself.
        Raises SharedAway."""
        if self.shared is None:
            return
        self.news = set(self.telling.values())
        told = await self.shared.run(ALL, KEYS)
        now = self.clock()
        names, failures, left = told[::3], told[1::3], told[2::3]
        seen = {
            name.decode(): self._seen(name.decode(), int(count), int(ms), now)
            for name, count, ms in zip(names, failures, left, strict=True)
            if name.decode() not in self.news
        }
        own = {ref: circuit for ref, circuit in self.circuits.items() if ref in self.news}
        self.circuits = {**seen, **own}

    def _tell(self, script: str, ref: str, *args: object) -> None:
        if self.shared is None:
            return
        task = self.shared.tell(script, KEYS, ref, *args)
        self.news.add(ref)
        self.telling[task] = ref
        task.add_done_callback(self.telling.pop)

    def _seen(self, ref: str, failures: int, left_ms: int, now: float) -> Circuit:
        known = self.circuits.get(ref, Circuit())
        known.failures = failures
        known.open_until = now + left_ms / 1000 if left_ms else 0.0
        return known
