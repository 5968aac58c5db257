"""The run's events as a dialect can take them: what no foreign format has a word for is settled here.

A new attempt sets aside what the last one wrote. Foreign readers cannot unsay what they were told: where
something was shown, their stream ends with an error that says to ask again.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from chat.dialects.contract import Dialect
from providers import events
from providers.events import RunEvent

RESTARTED: Final = events.Error(
    code="attempt_restarted",
    message="The answer was begun anew after an interruption. Ask for it again.",
    retryable=True,
)
_SHOWN: Final = (events.TextDelta, events.ReasoningDelta, events.ToolInputStart, events.File)


class Encoder:
    """Feeds one dialect; `over` is true once the run's end was encoded, and nothing is given out after it."""

    def __init__(self, dialect: Dialect) -> None:
        self.over = False
        self._dialect = dialect
        self._shown = False

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        if self.over:
            return b""
        if isinstance(event, events.AttemptStart) and not event.keeps and self._shown:
            event = RESTARTED
        self._shown = self._shown or isinstance(event, _SHOWN)
        self.over = isinstance(event, events.RunEnd)
        return self._dialect.encode(event, seq)

    def encode_all(self, batch: Iterable[RunEvent]) -> bytes:
        return b"".join(self.encode(event) for event in batch)


def without_set_aside(told: Sequence[tuple[int, RunEvent]]) -> list[tuple[int, RunEvent]]:
    """Numbered events without what later attempts have set aside: for a reader who begins now."""
    cut = 0
    for index, (_, event) in enumerate(told):
        if isinstance(event, events.AttemptStart) and not event.keeps:
            cut = index
    starts = [(seq, event) for seq, event in told[:cut] if isinstance(event, events.RunStart)]
    return [*starts[:1], *told[cut:]]
