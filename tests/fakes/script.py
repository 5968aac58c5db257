"""What a fake provider is to answer: text, timing, faults and how awkwardly the bytes are cut."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

_TIMED = re.compile(r"^t(?P<tokens>\d+)-i(?P<interval>[\d.]+)-d(?P<delay>[\d.]+)$")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model makes; `arguments` is text, JSON as a rule."""

    name: str
    arguments: str = "{}"
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One answer. Times are in seconds, `cut` in bytes; the names in
    `_after` count pieces."""

    text: str = "Hello there."
    pieces: Sequence[str] | None = None  # the text as it is cut into deltas; by words when absent
    reasoning: str = ""
    signature: str = "sealed"
    tools: Sequence[ToolCall] = ()  # called after the text
    tool_cut: int = 0  # characters of the arguments in one delta, 0 for all
    interleaved: bool = False  # the calls' pieces in turn, where the format allows it
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"input": 7, "output": 3})
    finish: str = ""  # the vendor's word; its usual one when empty
    delay: float = 0.0  # before the first piece
    rate: float = 0.0  # pieces a second, 0 for as fast as it can
    cut: int | Sequence[int] = 0  # size of every write, or the offsets to cut the whole answer at
    mangled: bool = False  # U+FFFE goes out as bytes that are no UTF-8
    pause: float = 0.0  # between two writes of a cut answer
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # of an answer that is not 200
    raw: bytes | None = None  # the whole body instead of a well-formed one
    stall_after: int | None = None
    goes_on: Event = field(default_factory=Event)  # when the test sets it, what stalled does
    break_after: int | None = None
    error_after: int | None = None  # the format's own error event instead of the piece

    def deltas(self) -> list[str]:
        return list(self.pieces) if self.pieces is not None else re.findall(r"\S+\s*|\s+", self.text)


def timed_script(model: str) -> Script | None:
    """`t2000-i10-d20`: 2,000 tokens, 10 ms apart, 20 ms to the first."""
    match = _TIMED.match(model)
    if match is None:
        return None
    tokens, interval = int(match["tokens"]), float(match["interval"]) / 1000
    return Script(
        pieces=["token "] * tokens,
        rate=1 / interval if interval else 0.0,
        delay=float(match["delay"]) / 1000,
        usage={"input": 10, "output": tokens},
    )
