"""The stream of a run whose events were pruned, made again from the saved message. Pure.

It is shorter than the one that was pruned: each part comes in one piece. So it is for readers who begin; the
numbers of those who were in the middle of the old one mean nothing any more.
"""

from collections.abc import Iterator

import msgspec

from chat.events import Entry, run_envelope
from chat.models import Message, Run
from providers.events import (
    Abort,
    Data,
    Error,
    Executor,
    File,
    Finish,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    RunEvent,
    RunStart,
    Source,
    TextDelta,
    TextEnd,
    TextStart,
    Timings,
    ToolInputAvailable,
    ToolInputDelta,
    ToolInputStart,
    ToolOutputAvailable,
    ToolOutputError,
    Usage,
)
from providers.parts import (
    AudioPart,
    DataPart,
    FilePart,
    ImagePart,
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)


def saved_entries(run: Run, message: Message) -> tuple[Entry, ...]:
    """The whole answer, numbered from 1."""
    envelope = run_envelope(run.session_id, run.id, run.message_id, run.agent)
    return envelope.seal(0, _events(run, message)).entries


def _events(run: Run, message: Message) -> Iterator[RunEvent]:
    yield RunStart(provider=run.provider, model=run.model, attempt=run.attempt)
    for part in message.content:
        yield from _part_events(part)
    yield _end(run)


def _part_events(part: Part) -> list[RunEvent]:
    match part:
        case TextPart():
            delta = TextDelta(part_id=part.id, delta=part.text)
            return [TextStart(part_id=part.id), delta, TextEnd(part_id=part.id)]
        case ReasoningPart():
            return [
                ReasoningStart(part_id=part.id),
                ReasoningDelta(part_id=part.id, delta=part.text),
                ReasoningEnd(part_id=part.id, signature=part.signature),
            ]
        case ToolCallPart():
            return _call_events(part)
        case ToolResultPart():
            return [_result_event(part)]
        case ImagePart() | AudioPart() | VideoPart() | FilePart():
            return [File(media_type=part.media_type, file_id=part.file_id, url=part.url, name=part.name)]
        case SourcePart():
            told = msgspec.structs.asdict(part)
            return [Source(source_id=told.pop("id"), **told)]
        case DataPart():
            return [Data(name=part.name, value=part.value)]


def _call_events(call: ToolCallPart) -> list[RunEvent]:
    executor = msgspec.convert(call.executor, Executor)
    value = None if call.error else msgspec.json.decode(call.arguments or "{}")
    return [
        ToolInputStart(tool_call_id=call.id, tool_name=call.name, executor=executor),
        ToolInputDelta(tool_call_id=call.id, delta=call.arguments),
        ToolInputAvailable(tool_call_id=call.id, input=value, error=call.error),
    ]


def _result_event(result: ToolResultPart) -> RunEvent:
    if result.error:
        return ToolOutputError(
            tool_call_id=result.id, code=result.code, message=result.error, duration_ms=result.duration_ms
        )
    return ToolOutputAvailable(tool_call_id=result.id, output=result.output, duration_ms=result.duration_ms)


def _end(run: Run) -> RunEnd:
    if run.status == Run.Status.COMPLETED:
        usage = msgspec.convert(run.usage, Usage) if run.usage else None
        timings = msgspec.convert(run.timings, Timings) if run.timings else None
        cost = None if run.cost is None else format(run.cost, "f")
        return Finish(usage=usage, cost=cost, timings=timings)
    if run.status == Run.Status.CANCELLED:
        return Abort()
    error = run.error or {}
    return Error(code=error.get("code", "error"), message=error.get("message", ""))
