"""What becomes of a run's open tool calls when the run ends without them. In the caller's transaction."""

from collections.abc import Iterator

from django.utils import timezone

from chat.models import Run, ToolCall
from chat.tools.errors import OutcomeUnknown, ToolError
from providers.events import Abort, RunEnd, RunEvent, ToolOutputAvailable, ToolOutputError
from providers.parts import Parts, ToolCallPart, ToolResultPart

NOT_RUN = ToolError("The call was not run.", code="tool_not_run")
STOPPED = ToolError("The call was stopped.", code="tool_stopped")


def open_calls(parts: Parts) -> list[ToolCallPart]:
    """Calls of this server's tools that have no final result."""
    answered = {part.id for part in parts if isinstance(part, ToolResultPart) and not part.preliminary}
    calls = (part for part in parts if isinstance(part, ToolCallPart))
    return [call for call in calls if call.executor == "server" and call.id not in answered]


def calls_close(run: Run, parts: Parts, end: RunEnd) -> list[RunEvent]:
    """The answers that the log still lacks: the true one where the call had ended, otherwise that it was not
    run, was stopped, or that nobody knows."""
    still_open = open_calls(parts)
    if not still_open:
        return []
    rows = {row.tool_call_id: row for row in run.tool_calls.all()}
    return list(_answers(still_open, rows, end))


def answer_of(row: ToolCall) -> RunEvent:
    """Of a call that has ended."""
    if row.error_code:
        return ToolOutputError(
            tool_call_id=row.tool_call_id,
            code=row.error_code,
            message=row.error_message,
            duration_ms=row.duration_ms,
        )
    return ToolOutputAvailable(tool_call_id=row.tool_call_id, output=row.output, duration_ms=row.duration_ms)


def _answers(calls: list[ToolCallPart], rows: dict[str, ToolCall], end: RunEnd) -> Iterator[RunEvent]:
    for call in calls:
        row = rows.get(call.id)
        if row and not row.ended_at:
            _close(row, end)
        yield answer_of(row) if row else _error(call.id, NOT_RUN)


def _close(row: ToolCall, end: RunEnd) -> None:
    started = STOPPED if isinstance(end, Abort) else OutcomeUnknown()
    reason = started if row.started_at else NOT_RUN
    row.error_code, row.error_message = reason.code, reason.message
    row.ended_at = timezone.now()
    row.save(update_fields=["error_code", "error_message", "ended_at"])


def _error(tool_call_id: str, error: ToolError) -> ToolOutputError:
    return ToolOutputError(tool_call_id=tool_call_id, code=error.code, message=error.message)
