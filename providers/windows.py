"""How the last minutes went with each model: counts and sums over a sliding window. Pure, of one process."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

SLOT: Final = 10.0  # seconds that are counted together
SLOTS: Final = 30  # of them make the window: five minutes


class Totals(msgspec.Struct, array_like=True):
    """Sums over the window, milliseconds where they are times; `in_flight` and `waiting` are of this
    moment."""

    requests: int = 0
    errors: int = 0
    answers: int = 0
    answer_ms: int = 0
    first_tokens: int = 0
    first_token_ms: int = 0
    in_flight: int = 0
    waiting: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Totals(*(a + b for a, b in pairs))

    @property
    def error_rate(self) -> float | None:
        return round(self.errors / self.requests, 4) if self.requests else None

    @property
    def average_ms(self) -> int | None:
        return round(self.answer_ms / self.answers) if self.answers else None

    @property
    def average_first_token_ms(self) -> int | None:
        return round(self.first_token_ms / self.first_tokens) if self.first_tokens else None


@dataclass(slots=True)
class Window:
    """One model's. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    in_flight: int = 0
    _slots: deque[tuple[int, Totals]] = field(default_factory=deque)

    def add(self, told: Totals) -> None:
        now = self._now()
        if not self._slots or self._slots[-1][0] != now:
            self._slots.append((now, Totals()))
        self._slots[-1] = (now, self._slots[-1][1] + told)

    def totals(self) -> Totals:
        oldest = self._now() - SLOTS
        while self._slots and self._slots[0][0] <= oldest:
            self._slots.popleft()
        return added((told for _, told in self._slots), Totals(in_flight=self.in_flight))

    def _now(self) -> int:
        return int(self.clock() / SLOT)


def added(many: Iterable[Totals], start: Totals | None = None) -> Totals:
    total = start or Totals()
    for one in many:
        total = total + one
    return total
