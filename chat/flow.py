"""How well one reader keeps up: what it was sent, what it acknowledged, and whether it is stuck.

Pure bookkeeping of one connection; the time comes from outside. It sends nothing and closes nothing.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

WINDOW: Final = 1024 * 1024  # characters a reader that acknowledges may be behind (QUALITY.md, P11)
MARK_EVERY: Final = 16 * 1024  # characters between two entries that an acknowledgement is looked up by
MOST_MARKS: Final = 2 * WINDOW // MARK_EVERY
PIECE: Final = 64 * 1024  # characters that even the slowest line takes in the patience for one piece
LAGGING: Final = 1.0  # seconds in one send after which a reader is served from the log


class Flow:
    """Entries are counted in characters, as the browser counts them.

    A reader that never acknowledges is bounded by its transport alone, which lets `send` wait.
    """

    __slots__ = (
        "_acknowledged",
        "_acknowledges",
        "_last",
        "_marks",
        "_moved_at",
        "_room",
        "_sending",
        "_sending_since",
        "_sends",
        "_sent",
    )

    def __init__(self) -> None:
        self._sent = 0
        self._acknowledged = 0
        self._acknowledges = False
        self._marks: list[tuple[int, str, int]] = []  # (characters sent, stream, seq)
        self._last: tuple[int, str, int] = (0, "", 0)
        self._moved_at = 0.0  # when the reader last acknowledged something new
        self._room: asyncio.Event | None = None
        self._sending = 0  # characters in sends that have not returned
        self._sends = 0
        self._sending_since = 0.0

    # --- what goes out ------------------------------------------------------------------

    def begin(self, size: int, now: float) -> None:
        if not self._sends:
            self._sending_since = now
        self._sends += 1
        self._sending += size

    def end(self, size: int, now: float) -> None:
        self._sends -= 1
        self._sending -= size
        self._sending_since = now

    def count(self, stream: str, seq: int, size: int, now: float) -> None:
        """An entry was sent."""
        self._sent += size
        self._last = (self._sent, stream, seq)
        if not self._marks or self._sent - self._marks[-1][0] >= MARK_EVERY:
            self._marks = [*self._marks[-MOST_MARKS:], self._last]
        if self._acknowledges and self._room is None and self.unacknowledged > WINDOW:
            self._room = asyncio.Event()
            self._moved_at = now

    async def room(self) -> None:
        """Returns when the reader may be sent more."""
        if self._room:
            await self._room.wait()

    # --- what comes back ----------------------------------------------------------------

    def acknowledge(self, position: Mapping[str, int], now: float) -> None:
        """A connection keeps order: who applied an entry got all that was sent before it."""
        self._acknowledges = True
        reached = self._acknowledged
        for sent, stream, seq in (*self._marks, self._last):
            if position.get(stream, 0) >= seq:
                reached = max(reached, sent)
        if reached > self._acknowledged:
            self._acknowledged, self._moved_at = reached, now
            self._marks = [mark for mark in self._marks if mark[0] > reached]
        if self.unacknowledged <= WINDOW // 2:
            self._make_room()

    def restart(self) -> None:
        """Other streams from here on: nobody will acknowledge what is left of the old ones."""
        self._acknowledged = self._sent
        self._marks.clear()
        self._make_room()

    @property
    def unacknowledged(self) -> int:
        return self._sent - self._acknowledged

    # --- what follows from it -----------------------------------------------------------

    def is_slow(self, now: float) -> bool:
        """Keep nothing for it: it reads the log when it gets there."""
        return self._room is not None or (self._sends > 0 and now - self._sending_since > LAGGING)

    def is_stuck(self, now: float, seconds: float) -> bool:
        """It acknowledged, or its transport took, nothing for so long. Long frames take their time."""
        if self._room and now - self._moved_at > seconds:
            return True
        patience = seconds * (1 + self._sending // PIECE)
        return self._sends > 0 and now - self._sending_since > patience

    def _make_room(self) -> None:
        if self._room:
            self._room.set()
            self._room = None


class Allowance:
    """So many a second, twice as many at once."""

    def __init__(self, per_second: int) -> None:
        self._rate = per_second
        self._left = 2.0 * per_second
        self._at = 0.0

    def take(self, now: float) -> bool:
        """False when there is none left."""
        self._left = min(2.0 * self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
