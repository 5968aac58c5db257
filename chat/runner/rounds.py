"""One round of asking for a structured answer: its words are held back, and shown as a value that grows."""

from collections.abc import Iterator
from typing import Any, Final

import jiter
import msgspec
import orjson

from chat.runner.tooling import CUT_OFF
from chat.tools.validation import without_nul
from providers.events import (
    Data,
    Finish,
    FinishReason,
    RunEvent,
    StepStart,
    TextDelta,
    TextEnd,
    TextStart,
    ToolEvent,
    ToolInputStart,
    Usage,
    UsageReport,
)

OUTPUT: Final = "output"  # the name of the `data`, and of the text that it was read from
GROWTH: Final = 1.25  # by how much the text has grown when it is shown again: all that is shown stays short


class Round:
    """What one round of asking says: its words held back, the rest passed on. In a second round (`step` is
    given) calls of tools are passed over."""

    def __init__(self, step: int = 0) -> None:
        self.step = step
        self.used: Usage | None = None
        self.finish: Finish | None = None
        self.seen: list[RunEvent] = []  # all that was passed on
        self._is_second = bool(step)
        self._held: list[RunEvent] = []
        self._pieces: list[str] = []
        self._size = self._shown_at = 0
        self._shown: Any = None

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def reason(self) -> FinishReason:
        return self.finish.reason if self.finish else "stop"

    @property
    def is_cut(self) -> bool:
        return self.reason in CUT_OFF

    def take(self, event: RunEvent) -> Iterator[RunEvent]:
        match event:
            case TextStart() | TextEnd():
                self._held.append(event)
            case TextDelta():
                self._held.append(event)
                yield from self._grown(event.delta)
            case Finish():
                self.finish = event
            case _ if self._is_second and isinstance(event, ToolEvent):
                pass
            case _:
                self._note(event)
                yield from self.release() if isinstance(event, ToolInputStart) else ()
                self.seen.append(event)
                yield event

    def _note(self, event: RunEvent) -> None:
        if isinstance(event, UsageReport):
            self.used = event.usage
        elif isinstance(event, StepStart):
            self.step = event.step

    def _grown(self, delta: str) -> Iterator[RunEvent]:
        self._pieces.append(delta)
        self._size += len(delta)
        if self._size < self._shown_at * GROWTH:
            return
        self._shown_at = self._size
        value = _readable(self.text)
        if value and value != self._shown:
            self._shown = value
            yield Data(name=OUTPUT, value=value)

    def release(self) -> list[RunEvent]:
        """The words as they came: they were no answer yet."""
        held, self._held, self._pieces = self._held, [], []
        self._size = self._shown_at = 0
        self.seen.extend(held)
        return [*self.unshown(), *held]

    def unshown(self) -> list[RunEvent]:
        """What was shown is no part of the answer."""
        shown, self._shown = self._shown, None
        return [Data(name=OUTPUT, value=None)] if shown is not None else []

    def failed(self) -> list[RunEvent]:
        """The words for whoever wants to know what went wrong, and no value."""
        return [*self.unshown(), *as_text(self.text)]


def as_text(text: str) -> list[RunEvent]:
    if not text:
        return []
    return [TextStart(part_id=OUTPUT), TextDelta(part_id=OUTPUT, delta=text), TextEnd(part_id=OUTPUT)]


def bare(text: str) -> str:
    """Without the code fence that models like to put around."""
    stripped = text.strip()
    if not stripped.startswith("```"):
        return stripped
    return stripped.partition("\n")[2].removesuffix("```").rstrip()


def value_of(text: str, *, partial: bool = False) -> Any:
    """Of JSON text, or of its beginning, by the parser of the vendors' libraries. Raises ValueError."""
    data = without_nul(text).encode("utf-8", "replace")
    value = jiter.from_json(data, allow_inf_nan=False, partial_mode="trailing-strings" if partial else False)
    # 1e999 is read as infinite, which is no JSON; whole numbers over 64 bits are none to most readers of it
    return orjson.loads(msgspec.json.encode(value))


def _readable(text: str) -> Any:
    """What can be read so far; None where that is nothing."""
    try:
        return value_of(bare(text), partial=True)
    except (ValueError, RecursionError):
        return None
