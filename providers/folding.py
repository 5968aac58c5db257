"""`fold(parts, event)`: what a message looks like after one more event. Pure, total and the only one.

The runner, snapshots and tests use this; `static/js/models/fold.js` is its twin in the browser, and both are
held to the same cases in `tests/cases/fold.json`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from providers import events
from providers.parts import (
    DataPart,
    Part,
    Parts,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    media_part,
)

BROKEN_OFF: Final = "The call was not written to its end."

_Open = TypeVar("_Open", bound=TextPart | ReasoningPart)


def fold(parts: Parts, event: events.Event) -> Parts:
    """Parts after `event`. Events that say nothing of the content leave the parts as they are.

    A delta for a part that was never started is dropped; a second start of a part is too.
    """
    change = _CHANGES.get(type(event))
    return change(parts, event) if change else parts


def fold_all(parts: Parts, batch: Iterable[events.Event]) -> Parts:
    for event in batch:
        parts = fold(parts, event)
    return parts


def _started(part: type[_Open]) -> Callable[[Parts, Any], Parts]:
    def start(parts: Parts, event: events.TextStart | events.ReasoningStart) -> Parts:
        if any(isinstance(p, part) and p.id == event.part_id for p in parts):
            return parts
        return (*parts, part(id=event.part_id, open=True))

    return start


def _replaced(parts: Parts, kind: type[_Open], part_id: str, change: Callable[[_Open], Part]) -> Parts:
    for index, part in reversed(list(enumerate(parts))):
        if isinstance(part, kind) and part.id == part_id and part.open:
            return (*parts[:index], change(part), *parts[index + 1 :])
    return parts


def _text_delta(parts: Parts, event: events.TextDelta) -> Parts:
    return _replaced(
        parts, TextPart, event.part_id, lambda p: TextPart(id=p.id, text=p.text + event.delta, open=True)
    )


def _reasoning_delta(parts: Parts, event: events.ReasoningDelta) -> Parts:
    return _replaced(
        parts,
        ReasoningPart,
        event.part_id,
        lambda p: ReasoningPart(id=p.id, text=p.text + event.delta, open=True),
    )


def _text_end(parts: Parts, event: events.TextEnd) -> Parts:
    return _replaced(parts, TextPart, event.part_id, lambda p: TextPart(id=p.id, text=p.text))


def _reasoning_end(parts: Parts, event: events.ReasoningEnd) -> Parts:
    return _replaced(
        parts,
        ReasoningPart,
        event.part_id,
        lambda p: ReasoningPart(id=p.id, text=p.text, signature=event.signature),
    )


def _tool_input_start(parts: Parts, event: events.ToolInputStart) -> Parts:
    if any(isinstance(p, ToolCallPart) and p.id == event.tool_call_id for p in parts):
        return parts
    call = ToolCallPart(id=event.tool_call_id, name=event.tool_name, executor=event.executor, open=True)
    return (*parts, call)


def _tool_input_delta(parts: Parts, event: events.ToolInputDelta) -> Parts:
    def longer(call: ToolCallPart) -> ToolCallPart:
        return replace(call, arguments=call.arguments + event.delta) if call.open else call

    return _called(parts, event.tool_call_id, longer)


def _tool_input_available(parts: Parts, event: events.ToolInputAvailable) -> Parts:
    return _called(parts, event.tool_call_id, lambda call: replace(call, error=event.error, open=False))


def _tool_approval_request(parts: Parts, event: events.ToolApprovalRequest) -> Parts:
    return _called(parts, event.tool_call_id, lambda call: replace(call, approval="requested"))


def _tool_approval(parts: Parts, event: events.ToolApproval) -> Parts:
    def decided(call: ToolCallPart) -> ToolCallPart:
        arguments = call.arguments if event.arguments is None else event.arguments
        return replace(call, approval=event.decision, arguments=arguments)

    return _called(parts, event.tool_call_id, decided)


def _called(parts: Parts, call_id: str, change: Callable[[ToolCallPart], ToolCallPart]) -> Parts:
    return tuple(change(p) if isinstance(p, ToolCallPart) and p.id == call_id else p for p in parts)


def _tool_output(parts: Parts, event: events.ToolOutputAvailable) -> Parts:
    result = ToolResultPart(
        id=event.tool_call_id,
        output=event.output,
        duration_ms=event.duration_ms,
        preliminary=event.preliminary,
    )
    return _answered(parts, result)


def _tool_output_error(parts: Parts, event: events.ToolOutputError) -> Parts:
    result = ToolResultPart(
        id=event.tool_call_id, code=event.code, error=event.message, duration_ms=event.duration_ms
    )
    return _answered(parts, result)


def _answered(parts: Parts, result: ToolResultPart) -> Parts:
    """A preliminary result is replaced; a final one stays, whatever comes after it."""
    for index, old in enumerate(parts):
        if isinstance(old, ToolResultPart) and old.id == result.id:
            return (*parts[:index], result, *parts[index + 1 :]) if old.preliminary else parts
    return (*parts, result)


def _file(parts: Parts, event: events.File) -> Parts:
    kind = media_part(event.media_type)
    told = {name: getattr(event, name) for name in ("media_type", "file_id", "url", "name", "data")}
    return (*parts, kind(**told))


def _source(parts: Parts, event: events.Source) -> Parts:
    if any(isinstance(p, SourcePart) and p.id == event.source_id for p in parts):
        return parts
    told = msgspec.structs.asdict(event)
    return (*parts, SourcePart(id=told.pop("source_id"), **told))


def _data(parts: Parts, event: events.Data) -> Parts:
    part = DataPart(name=event.name, value=event.value)
    for index, old in enumerate(parts):
        if isinstance(old, DataPart) and old.name == event.name:
            return (*parts[:index], part, *parts[index + 1 :])
    return (*parts, part)


def _set_aside(parts: Parts, event: events.AttemptStart) -> Parts:
    return parts if event.keeps else ()


_CHANGES: dict[type[events.Event], Callable[[Parts, Any], Parts]] = {
    events.AttemptStart: _set_aside,
    events.TextStart: _started(TextPart),
    events.TextDelta: _text_delta,
    events.TextEnd: _text_end,
    events.ReasoningStart: _started(ReasoningPart),
    events.ReasoningDelta: _reasoning_delta,
    events.ReasoningEnd: _reasoning_end,
    events.ToolInputStart: _tool_input_start,
    events.ToolInputDelta: _tool_input_delta,
    events.ToolInputAvailable: _tool_input_available,
    events.ToolApprovalRequest: _tool_approval_request,
    events.ToolApproval: _tool_approval,
    events.ToolOutputAvailable: _tool_output,
    events.ToolOutputError: _tool_output_error,
    events.File: _file,
    events.Source: _source,
    events.Data: _data,
}


def closing_events(parts: Parts) -> list[events.RunEvent]:
    """The ends that are still owed, so that every part that was started is ended before the run is."""
    owed: list[events.RunEvent] = []
    for part in parts:
        if isinstance(part, TextPart) and part.open:
            owed.append(events.TextEnd(part_id=part.id))
        elif isinstance(part, ReasoningPart) and part.open:
            owed.append(events.ReasoningEnd(part_id=part.id))
        elif isinstance(part, ToolCallPart) and part.open:
            owed.append(events.ToolInputAvailable(tool_call_id=part.id, error=BROKEN_OFF))
    return owed


def merge_deltas(batch: Iterable[events.RunEvent]) -> list[events.RunEvent]:
    """The same events with runs of deltas to one part joined: what came within a tick becomes one event."""
    merged: list[events.RunEvent] = []
    pieces: list[str] = []
    for event in batch:
        if pieces and not _continues(merged[-1], event):
            merged[-1] = replace(merged[-1], delta="".join(pieces))
            pieces = []
        if not pieces:
            merged.append(event)
        if isinstance(event, events.Delta):
            pieces.append(event.delta)
    if len(pieces) > 1:
        merged[-1] = replace(merged[-1], delta="".join(pieces))
    return merged


def _continues(last: events.RunEvent, event: events.RunEvent) -> bool:
    return isinstance(event, events.Delta) and type(last) is type(event) and _target(last) == _target(event)


def _target(event: events.RunEvent) -> str:
    return event.tool_call_id if isinstance(event, events.ToolInputDelta) else getattr(event, "part_id", "")
