"""Tool calls that come in pieces, as well-formed events: the half of `PartWriter` that knows tools.

A vendor's ids may be empty, late or repeated; ours are unique. Calls may be written alternately. Arguments
are kept as the model wrote them and read once, when they are complete.
"""

import json
import secrets
import sys
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from providers.adapters.strings import held_back, storable
from providers.events import Executor, RunEvent, ToolInputAvailable, ToolInputDelta, ToolInputStart

NO_ARGUMENTS: Final = "{}"
NOT_AN_OBJECT: Final = "The arguments are not a JSON object."
DEEPEST: Final = 100  # levels of nesting; no tool's schema comes near
MOST_INTEGER: Final = 2**63 - 1  # what the event's encoding and every database can hold


@dataclass(slots=True)
class _Call:
    given_id: str
    name: str
    executor: Executor
    call_id: str = ""  # set when its start is told
    pieces: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def arguments(self) -> str:
        return "".join((*self.told, *self.pieces))


class CallWriter:
    """`taken` are ids that are in use already, of earlier steps."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._open: dict[Hashable, _Call] = {}

    def has(self, key: Hashable) -> bool:
        return key in self._open

    def begin(self, key: Hashable, call_id: str, name: str, executor: Executor) -> None:
        """Open a call, or add to one that is open what it lacks: some vendors tell the name late."""
        call = self._open.setdefault(key, _Call(call_id, name, executor))
        call.given_id = call.given_id or call_id
        call.name = call.name or name

    def write(self, key: Hashable, piece: str) -> None:
        if piece and key in self._open:
            self._open[key].pieces.append(piece)

    def arguments(self, key: Hashable) -> str:
        """What was written of an open call."""
        return self._open[key].arguments if key in self._open else ""

    def take(self) -> list[RunEvent]:
        """What is due of calls whose name is known."""
        return [event for call in self._open.values() if call.name for event in self._due(call)]

    def close(self, key: Hashable) -> list[RunEvent]:
        call = self._open.pop(key, None)
        if call is None:
            return []
        if not call.arguments.strip():
            call.pieces = [NO_ARGUMENTS]
        due = self._due(call, last=True)
        value, error = tool_input(call.arguments)
        return [*due, ToolInputAvailable(tool_call_id=call.call_id, input=value, error=error)]

    def close_all(self) -> list[RunEvent]:
        return [event for key in list(self._open) for event in self.close(key)]

    def _due(self, call: _Call, last: bool = False) -> list[RunEvent]:
        due: list[RunEvent] = []
        if not call.call_id:
            call.call_id = self._unique(call.given_id)
            name = storable(call.name)
            start = ToolInputStart(tool_call_id=call.call_id, tool_name=name, executor=call.executor)
            due.append(start)
        text, held = held_back("".join(call.pieces), last)
        call.pieces = [held] if held else []
        if text:
            call.told.append(text := storable(text))
            due.append(ToolInputDelta(tool_call_id=call.call_id, delta=text))
        return due

    def _unique(self, given: str) -> str:
        given = storable(given)
        chosen = given if given and given not in self._taken else f"call_{secrets.token_hex(12)}"
        self._taken.add(chosen)
        return chosen


def tool_input(arguments: str) -> tuple[dict[str, Any] | None, str]:
    """The value of a call's arguments and what is wrong with them, if something is."""
    try:
        value = json.loads(arguments, parse_constant=_refused)
        clean = _clean(value, DEEPEST)
    except (ValueError, RecursionError):
        return None, NOT_AN_OBJECT
    return (clean, "") if isinstance(clean, dict) else (None, NOT_AN_OBJECT)


def stored(value: Any) -> Any:
    """A value from a vendor as every database can keep it; as text where it is no such value."""
    try:
        return _clean(value, DEEPEST)
    except (ValueError, TypeError):
        return storable(str(value))


def _largest(value: int | float) -> float:
    return MOST_INTEGER if isinstance(value, int) else sys.float_info.max


def _refused(constant: str) -> None:
    raise ValueError(constant)


def _clean(value: Any, levels: int) -> Any:
    """The value as every database can store it. Raises ValueError."""
    if levels < 0 or (isinstance(value, int | float) and not abs(value) <= _largest(value)):
        raise ValueError("too deep or too large")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {storable(name): _clean(item, levels - 1) for name, item in value.items()}
    return value
