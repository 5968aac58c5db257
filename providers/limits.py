"""Places at a provider: so many requests at once, so many requests and tokens a minute, first come,
first served.

This is how one process counts them; `lua/enter.lua` and `lua/leave.lua` are its twins for all processes.
The package `limits`, which this house would use, counts rates alone: here the queue, the places and both
rates have to be decided in one step, or a place could go to somebody who came later.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from providers.routing import Limits

MINUTE: Final = 60  # seconds; counted by whole seconds, so that a window may be up to one longer


@dataclass(slots=True)
class Room:
    """The places at one provider. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    taken: set[str] = field(default_factory=set)
    queue: dict[str, None] = field(default_factory=dict)  # in the order of coming
    spent: dict[int, tuple[int, int]] = field(default_factory=dict)  # second → requests, tokens

    def enter(self, token: str, limits: Limits, tokens: int) -> tuple[int | None, int]:
        """None with a place, otherwise how many stand before this one; and the second that it counts for.
        Who stands in the queue gives one place to each before."""
        second = int(self.clock())
        self.queue.setdefault(token)
        ahead = list(self.queue).index(token)
        if not self._has_room(second, limits, ahead, tokens):
            return ahead, second
        del self.queue[token]
        self.taken.add(token)
        self._count(second, 1, tokens)
        return None, second

    def leave(self, token: str, second: int, difference: int) -> None:
        """Give a place back, or stop waiting. `difference` is what was spent beyond what was announced."""
        self.queue.pop(token, None)
        self.taken.discard(token)
        if second in self.spent:
            self._count(second, 0, difference)

    def _has_room(self, now: int, limits: Limits, ahead: int, tokens: int) -> bool:
        self.spent = {second: spent for second, spent in self.spent.items() if second > now - MINUTE}
        requests = sum(count for count, _ in self.spent.values())
        spent = sum(count for _, count in self.spent.values())
        if limits.max_concurrency and len(self.taken) + ahead >= limits.max_concurrency:
            return False
        if limits.requests_per_minute and requests + ahead >= limits.requests_per_minute:
            return False
        if not limits.tokens_per_minute:
            return True
        # One request that is larger than the limit goes alone: it would never go otherwise.
        return ahead == 0 and (spent == 0 or spent + tokens <= limits.tokens_per_minute)

    def _count(self, second: int, requests: int, tokens: int) -> None:
        before = self.spent.get(second, (0, 0))
        self.spent[second] = (before[0] + requests, before[1] + tokens)
