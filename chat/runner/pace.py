"""How often answers are read and committed: as often as a reader can see, and more rarely the more there is
to do, so that a busy process works in larger pieces instead of falling behind.
"""

import time
from typing import Final

from providers.reading import ReadPace

MIN_TICK: Final = 0.02  # seconds; below this a reader sees no difference
MAX_TICK: Final = ReadPace.highest  # seconds; above this text visibly stutters
BUSY: Final = 0.7  # of a core: what the process may spend before ticks grow
COMMITTING: Final = 0.5  # of the time: what commits may take before ticks grow
INERTIA: Final = 0.7  # of the last tick that is left in the next one
READING: Final = 0.2  # of a tick, from the moment at which answers are read to the commit of what they said


class Pace:
    """Reads happen at every whole multiple of the tick (providers/reading.py), commits shortly after."""

    def __init__(self) -> None:
        self.tick = MIN_TICK
        self._spent = time.process_time()
        self.adapted_at = time.monotonic()

    def adapt(self, committing: float, late: float) -> None:
        """After a commit that took so many seconds, in a tick that ended so many seconds late.

        CPU counts, of all threads, by its share of the time since the last commit: waiting costs nothing.
        Who gets none is late, and ticks grow as well.
        """
        spent, at = time.process_time(), time.monotonic()
        share = (spent - self._spent) / max(at - self.adapted_at, self.tick)
        self._spent, self.adapted_at = spent, at
        need = max((self.tick + late) * share / BUSY, committing / COMMITTING, late)
        wanted = self.tick * INERTIA + need * (1 - INERTIA)
        self.tick = ReadPace.interval = min(MAX_TICK, max(MIN_TICK, wanted))

    def next_commit(self, now: float) -> float:
        """When to commit next, on the loop's clock."""
        margin = self.tick * READING
        return now - (now - margin) % self.tick + self.tick
