"""The text of a token, which says its own number and when it was produced, and the tally of one answer.

Whatever a server wraps around the text, the reader finds it and knows what was added. Times are microseconds
of CLOCK_MONOTONIC, which all processes of a machine share.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Final

TOKEN: Final = b" t%05d_%015d;"
TOKEN_SIZE: Final = len(TOKEN % (0, 0))
_FIND: Final = re.compile(rb" t(\d{5})_(\d{15});")


def now_us() -> int:
    return time.monotonic_ns() // 1000


@dataclass(frozen=True, slots=True)
class Model:
    """A workload; its name tells the fake provider what to play."""

    tokens: int
    interval_ms: float
    delay_ms: float

    @property
    def name(self) -> str:
        return f"t{self.tokens}-i{self.interval_ms:g}-d{self.delay_ms:g}"

    @property
    def seconds(self) -> float:
        return (self.delay_ms + self.tokens * self.interval_ms) / 1000


@dataclass(slots=True)
class Answer:
    """What arrived of one answer. `delays` has one entry per token that arrived, in microseconds."""

    model: Model
    asked: int = field(default_factory=now_us)
    first: int = 0
    events: int = 0
    delays: list[int] = field(default_factory=list)
    doubled: int = 0
    disordered: int = 0
    _next: int = 0
    _missing: set[int] = field(default_factory=set)

    def take(self, text: bytes) -> None:
        """Count the tokens of one event, received now."""
        received = now_us()
        for index, produced in _FIND.findall(text):
            self._count(int(index))
            self.delays.append(received - int(produced))
        if self.delays and not self.first:
            self.first = received

    @property
    def lost(self) -> int:
        return len(self._missing) + self.model.tokens - self._next

    @property
    def first_added(self) -> int:
        """Microseconds to the first token, over those that the provider takes by itself."""
        return self.first - self.asked - int(self.model.delay_ms * 1000)

    def _count(self, index: int) -> None:
        if index == self._next:
            self._next += 1
        elif index > self._next:
            self._missing.update(range(self._next, index))
            self._next = index + 1
        elif index in self._missing:
            self._missing.discard(index)
            self.disordered += 1
        else:
            self.doubled += 1
