"""The content studio's envelope, `{"event_type", "agent_source", "timestamp", "payload"}`, over SSE.

One encoder for each run: a workflow's own, and one for each of its agents, whose start and end the workflow's
stream tells. Option `source` names who speaks, `part_of` is true for an agent of a workflow, and `now` gives
Unix seconds where the moment of writing is wanted instead of the run's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec

from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, EVENT_STREAM, STREAM_HEADERS, data
from providers import events
from providers.events import RunEvent


class ContentStudio:
    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self._context = context
        self._own = self._speaker = str(context.options.get("source") or context.model)
        self._is_part = bool(context.options.get("part_of"))

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        match event:
            case events.TextDelta():
                return self._chunk(event.delta, "text")
            case events.ReasoningDelta():
                return self._chunk(event.delta, "reasoning")
            case _:
                return b"" if self._is_part else self._told(event)

    def _told(self, event: RunEvent) -> bytes:
        """What is not text."""
        match event:
            case events.RunStart():
                return self._frame("agent_start", self._own, {"status": "started", **self._place()})
            case events.AgentStart() | events.AgentFinish() | events.AgentError():
                return self._agent(event)
            case events.Progress():
                return self._frame("progress", self._speaker, msgspec.structs.asdict(event))
            case events.AttemptStart():
                again = {"status": "restarted", "attempt": event.attempt, **self._place()}
                return self._frame("agent_start", self._own, again)
            case events.Finish() | events.Abort() | events.Error():
                return self._end(event)
            case _:
                return b""

    def _agent(self, event: events.AgentStart | events.AgentFinish | events.AgentError) -> bytes:
        if not event.child_id:  # what follows here is its own
            self._speaker = event.name if isinstance(event, events.AgentStart) else self._own
        where = {"stage": event.stage}
        match event:
            case events.AgentStart():
                told = {"status": "started", "task_description": event.label, **where}
                return self._frame("agent_start", event.name, told)
            case events.AgentFinish():
                return self._frame("agent_complete", event.name, {"status": "completed", **where})
            case events.AgentError():
                told = {"error": event.message, "error_type": event.code, **where}
                return self._frame("error", event.name, told)

    def _end(self, event: events.RunEnd) -> bytes:
        match event:
            case events.Finish():
                usage = msgspec.to_builtins(event.usage)
                told = {"status": "completed", "reason": event.reason, "usage": usage, "cost": event.cost}
                return self._frame("agent_complete", self._own, told)
            case events.Abort():
                return self._frame("agent_complete", self._own, {"status": "cancelled"})
            case events.Error():
                failed = {"error": event.message, "error_type": event.code, "retryable": event.retryable}
                return self._frame("error", self._own, failed)

    def _chunk(self, text: str, kind: str) -> bytes:
        return self._frame(
            "llm_chunk", self._speaker, {"content": text, "content_type": kind, "is_complete": False}
        )

    def _place(self) -> dict[str, str]:
        place = {"session_id": self._context.session_id, "run_id": self._context.run_id}
        return {name: value for name, value in place.items() if value}

    def _frame(self, type_: str, source: str, payload: Mapping[str, Any]) -> bytes:
        now = self._context.options.get("now")
        moment = datetime.fromtimestamp(now() if now else self._context.created, UTC).isoformat()
        return data({"event_type": type_, "agent_source": source, "timestamp": moment, "payload": payload})
