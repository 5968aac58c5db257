"""One part at a time, for formats whose parts may not overlap. Pure.

Tool calls that a vendor writes at once, and the answers of several sources, come interleaved. The first part
that is open goes through as it comes; what belongs to the others waits until it ends.
"""

from typing import Final

from providers import events
from providers.events import RunEvent

_STARTS: Final = (events.TextStart, events.ReasoningStart, events.ToolInputStart)
_ENDS: Final = (events.TextEnd, events.ReasoningEnd, events.ToolInputAvailable)


def part_of(event: RunEvent) -> str:
    """The part that an event writes, empty for events of no part. Sound is a part that nobody opens."""
    if isinstance(event, events.AudioDelta):
        return ""
    return getattr(event, "part_id", "") or getattr(event, "tool_call_id", "")


class OneAtATime:
    def __init__(self) -> None:
        self._open = ""
        self._waiting: list[RunEvent] = []

    def feed(self, event: RunEvent) -> list[RunEvent]:
        """The events that may go on now, in order; at the run's end, all of them."""
        if isinstance(event, events.RunEnd):
            waiting, self._waiting = self._waiting, []
            return [*waiting, event]
        part = part_of(event)
        if self._open and part and part != self._open:
            self._waiting.append(event)
            return []
        if isinstance(event, _STARTS):
            self._open = part
        if not isinstance(event, _ENDS) or part != self._open:
            return [event]
        self._open = ""
        return [event, *self._released()]

    def _released(self) -> list[RunEvent]:
        waiting, self._waiting = self._waiting, []
        return [ready for event in waiting for ready in self.feed(event)]
