"""AG-UI 1.0: from `RUN_STARTED` to `RUN_FINISHED` or `RUN_ERROR`. Nothing follows the end, not even `[DONE]`.

Fields that have no value are left out: its readers refuse null. Each event that comes from our log carries
our number in `rawEvent.seq`. A call that waits for a person, sources, files and the run's detours are CUSTOM
events.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from chat.dialects.ai_sdk import fields_of, file_url
from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, EVENT_STREAM, STREAM_HEADERS, data, to_json
from providers import events
from providers.events import RunEvent, Usage

VERSION: Final = "1.0"


class AGUI:
    """`context.session_id` is the thread. Options: `thread_id` and `run_id` where the caller named them."""

    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self._message_id = context.message_id or context.id
        self._run = {
            "threadId": context.options.get("thread_id") or context.session_id or context.id,
            "runId": context.options.get("run_id") or context.run_id or context.id,
        }
        self._usage: Usage | None = None
        self._source: events.RunStart | None = None
        self._pending: list[str] = []
        self._step = ""
        self._texts = 0
        self._ids: dict[str, str] = {}
        self._begun = False
        self._seq = 0

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        handle = _HANDLERS.get(type(event))
        if handle is None:
            return b""
        self._seq = seq
        start = b"" if self._begun else self._told("RUN_STARTED", **self._run, protocolVersion=VERSION)
        self._begun = True
        return start + handle(self, event)

    def _told(self, kind: str, **fields: Any) -> bytes:
        raw = {"rawEvent": {"seq": self._seq}} if self._seq else {}
        return data({"type": kind, **fields, **raw})

    def _custom(self, name: str, value: Any) -> bytes:
        return self._told("CUSTOM", name=name, value=value)

    def _start(self, event: events.RunStart) -> bytes:
        self._source = event
        return b""

    # --- steps, text and reasoning ------------------------------------------------------

    def _step_start(self, event: events.StepStart) -> bytes:
        ended = self._step_finish(event)
        self._step = f"step-{event.step}"
        return ended + self._told("STEP_STARTED", stepName=self._step)

    def _step_finish(self, event: RunEvent) -> bytes:
        step, self._step = self._step, ""
        return self._told("STEP_FINISHED", stepName=step) if step else b""

    def _text_start(self, event: events.TextStart) -> bytes:
        """The first text is the message itself, so that it has the id that it has everywhere."""
        self._texts += 1
        first = self._texts == 1
        id_ = self._ids[event.part_id] = self._message_id if first else f"{self._message_id}-{event.part_id}"
        return self._told("TEXT_MESSAGE_START", messageId=id_, role="assistant")

    def _text(self, event: events.TextDelta) -> bytes:
        return self._told("TEXT_MESSAGE_CONTENT", messageId=self._ids[event.part_id], delta=event.delta)

    def _text_end(self, event: events.TextEnd) -> bytes:
        return self._told("TEXT_MESSAGE_END", messageId=self._ids[event.part_id])

    def _reasoning_start(self, event: events.ReasoningStart) -> bytes:
        id_ = self._reasoning_id(event.part_id)
        begun = self._told("REASONING_START", messageId=id_)
        return begun + self._told("REASONING_MESSAGE_START", messageId=id_, role="reasoning")

    def _reasoning(self, event: events.ReasoningDelta) -> bytes:
        id_ = self._reasoning_id(event.part_id)
        return self._told("REASONING_MESSAGE_CONTENT", messageId=id_, delta=event.delta)

    def _reasoning_end(self, event: events.ReasoningEnd) -> bytes:
        id_ = self._reasoning_id(event.part_id)
        ended = self._told("REASONING_MESSAGE_END", messageId=id_)
        if event.signature:
            sealed = {"subtype": "message", "entityId": id_, "encryptedValue": event.signature}
            ended += self._told("REASONING_ENCRYPTED_VALUE", **sealed)
        return ended + self._told("REASONING_END", messageId=id_)

    def _reasoning_id(self, part_id: str) -> str:
        return f"{self._message_id}-{part_id}"

    # --- tools --------------------------------------------------------------------------

    def _call(self, event: events.ToolInputStart) -> bytes:
        if event.executor == "client":
            self._pending.append(event.tool_call_id)
        call = {"toolCallId": event.tool_call_id, "toolCallName": event.tool_name}
        return self._told("TOOL_CALL_START", **call, parentMessageId=self._message_id)

    def _arguments(self, event: events.ToolInputDelta) -> bytes:
        return self._told("TOOL_CALL_ARGS", toolCallId=event.tool_call_id, delta=event.delta)

    def _called(self, event: events.ToolInputAvailable) -> bytes:
        return self._told("TOOL_CALL_END", toolCallId=event.tool_call_id)

    def _output(self, event: events.ToolOutputAvailable) -> bytes:
        if event.preliminary:
            return self._custom(event.type, fields_of(event))
        output = event.output if isinstance(event.output, str) else to_json(event.output).decode()
        return self._result(event.tool_call_id, output)

    def _output_error(self, event: events.ToolOutputError) -> bytes:
        return self._result(event.tool_call_id, event.message)

    def _result(self, call_id: str, content: str) -> bytes:
        told = {"messageId": f"{call_id}-result", "toolCallId": call_id, "content": content, "role": "tool"}
        return self._told("TOOL_CALL_RESULT", **told)

    # --- the rest -----------------------------------------------------------------------

    def _as_custom(self, event: RunEvent) -> bytes:
        return self._custom(event.type, fields_of(event))

    def _file(self, event: events.File) -> bytes:
        value = {"media_type": event.media_type, "url": file_url(event), "name": event.name}
        return self._custom("file", value)

    def _data(self, event: events.Data) -> bytes:
        return self._custom(event.name, event.value)

    def _report(self, event: events.UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _finish(self, event: events.Finish) -> bytes:
        self._usage = event.usage or self._usage
        pending = {"pendingToolCallIds": self._pending} if self._pending else {}
        return self._end({"type": "success", **pending})

    def _abort(self, event: events.Abort) -> bytes:
        return self._end({"type": "cancelled"})

    def _end(self, outcome: Mapping[str, Any]) -> bytes:
        ended = self._step_finish(events.Abort())
        return ended + self._told("RUN_FINISHED", **self._run, outcome=outcome, **self._used())

    def _fail(self, event: events.Error) -> bytes:
        return self._told("RUN_ERROR", message=event.message, code=event.code, **self._used())

    def _used(self) -> dict[str, Any]:
        usage, source = self._usage, self._source
        if usage is None:
            return {}
        told: dict[str, Any] = {
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "totalTokens": usage.total_tokens,
            "reasoningTokens": usage.reasoning_tokens,
            "cachedInputTokens": usage.cache_read_tokens,
            "cacheWriteInputTokens": usage.cache_write_tokens,
        }
        named = {"provider": source.provider, "model": source.model} if source else {}
        return {"usage": [{**told, **named}]}


_HANDLERS: Final[dict[type[RunEvent], Callable[[AGUI, Any], bytes]]] = {
    events.RunStart: AGUI._start,
    events.StepStart: AGUI._step_start,
    events.StepFinish: AGUI._step_finish,
    events.TextStart: AGUI._text_start,
    events.TextDelta: AGUI._text,
    events.TextEnd: AGUI._text_end,
    events.ReasoningStart: AGUI._reasoning_start,
    events.ReasoningDelta: AGUI._reasoning,
    events.ReasoningEnd: AGUI._reasoning_end,
    events.ToolInputStart: AGUI._call,
    events.ToolInputDelta: AGUI._arguments,
    events.ToolInputAvailable: AGUI._called,
    events.ToolApprovalRequest: AGUI._as_custom,
    events.ToolApproval: AGUI._as_custom,
    events.ToolOutputAvailable: AGUI._output,
    events.ToolOutputError: AGUI._output_error,
    events.Source: AGUI._as_custom,
    events.File: AGUI._file,
    events.Data: AGUI._data,
    events.Retry: AGUI._as_custom,
    events.Fallback: AGUI._as_custom,
    events.Progress: AGUI._as_custom,
    events.UsageReport: AGUI._report,
    events.Finish: AGUI._finish,
    events.Abort: AGUI._abort,
    events.Error: AGUI._fail,
}
