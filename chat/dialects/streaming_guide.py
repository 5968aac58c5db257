"""The streaming guide's events: `{"type": "text-delta", "content": …}` as server-sent events or as lines.

Text, reasoning and the end have the guide's names; every other event is told with its own fields.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from chat.dialects.ai_sdk import fields_of
from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, EVENT_STREAM, STREAM_HEADERS, data, one_line, to_json
from providers import events
from providers.events import RunEvent

_LEFT_OUT: Final = (events.UsageReport,)  # the finish tells it


def told(event: RunEvent) -> tuple[str, dict[str, Any]]:
    """The event's type and data."""
    match event:
        case events.TextDelta() | events.ReasoningDelta():
            return event.type, {"content": event.delta, "part_id": event.part_id}
        case events.Error():
            return event.type, {"error": event.message, "code": event.code, "retryable": event.retryable}
        case _:
            return event.type, fields_of(event)


class GuideSse:
    """Option `source`: who answers, where several do."""

    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        named = {"session_id": context.session_id, "source": context.options.get("source")}
        self._common = {name: value for name, value in named.items() if value}

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        return b"" if isinstance(event, _LEFT_OUT) else data(self._frame(event))

    def _frame(self, event: RunEvent) -> dict[str, Any]:
        type_, fields = told(event)
        return {"type": type_, **fields, **self._common}


class GuideNdjson(GuideSse):
    content_type: ClassVar[str] = "application/x-ndjson"
    keep_alive: ClassVar[bytes] = b""

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        return b"" if isinstance(event, _LEFT_OUT) else one_line(to_json(self._frame(event))) + b"\n"


class GuideSocket(GuideSse):
    """One WebSocket frame per event."""

    content_type: ClassVar[str] = "application/json"

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        if isinstance(event, _LEFT_OUT):
            return b""
        type_, fields = told(event)
        body = {"event_type": type_, "event_data": fields, **self._common}
        return to_json({"message_type": "stream_event", "data": body})
