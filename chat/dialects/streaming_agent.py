"""The streaming agent's events: `start`, `content` with a chunk, `complete` with all of it, `error`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, EVENT_STREAM, STREAM_HEADERS, data
from providers import events
from providers.events import RunEvent, Usage

STARTED: Final = "开始生成响应..."  # as the document has it


class StreamingAgent:
    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self._pieces: list[str] = []
        self._usage = Usage()
        self._begun = False

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        start = b"" if self._begun else data({"type": "start", "message": STARTED})
        self._begun = True
        return start + self._frame(event)

    def _frame(self, event: RunEvent) -> bytes:
        match event:
            case events.TextDelta():
                self._pieces.append(event.delta)
                return data({"type": "content", "chunk": event.delta})
            case events.UsageReport():
                self._usage = event.usage
                return b""
            case events.Finish():
                usage = usage_json(event.usage or self._usage, event.cost)
                return data({"type": "complete", "full_content": "".join(self._pieces), "usage": usage})
            case events.Abort():
                return data({"type": "error", "error": "The answer was stopped."})
            case events.Error():
                return data({"type": "error", "error": event.message, "code": event.code})
            case _:
                return b""


def usage_json(usage: Usage, cost: str | None) -> dict[str, Any]:
    """`total_cost` is in US dollars, 0 where no price is known."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "total_cost": float(Decimal(cost)) if cost else 0.0,
    }
