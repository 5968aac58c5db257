"""The AI SDK's UI message stream, for `useChat`: chunks that its versions 5, 6 and 7 all take.

What it has no chunk for goes into `data-…` parts: retries, fallbacks and progress as transient ones, an
approval that is waited for as `data-tool-approval`. Ended by `data: [DONE]`.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import msgspec

from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, DONE, EVENT_STREAM, STREAM_HEADERS, data
from providers import events
from providers.events import FinishReason, RunEvent, Usage

FINISH_REASONS: Final[dict[FinishReason, str]] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "context": "length",
    "content_filter": "content-filter",
    "tool_calls": "tool-calls",
}
DOCUMENT: Final = "application/pdf"  # the only documents that models cite


class AISDK:
    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = {**STREAM_HEADERS, "x-vercel-ai-ui-message-stream": "v1"}
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self._context = context
        self._executors: dict[str, events.Executor] = {}
        self._names: dict[str, str] = {}
        self._begun = self._in_step = False

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        handle = _HANDLERS.get(type(event))
        if handle is None:
            return b""
        start = b"" if self._begun else data({"type": "start", "messageId": self._context.message_id})
        self._begun = True
        if isinstance(event, _IN_STEP) and not self._in_step:
            start += self._step_start(event)
        return start + handle(self, event)

    def _start(self, event: events.RunStart) -> bytes:
        told = {"model": event.model, "provider": event.provider}
        return data({"type": "message-metadata", "messageMetadata": told})

    def _step_start(self, event: RunEvent) -> bytes:
        ended = self._step_finish(event)
        self._in_step = True
        return ended + data({"type": "start-step"})

    def _step_finish(self, event: RunEvent) -> bytes:
        if not self._in_step:
            return b""
        self._in_step = False
        return data({"type": "finish-step"})

    def _part(self, event: Any) -> bytes:
        """Text and reasoning parts have the same names there."""
        chunk: dict[str, Any] = {"type": event.type, "id": event.part_id}
        if isinstance(event, events.Delta):
            chunk["delta"] = event.delta
        elif getattr(event, "signature", ""):
            chunk["providerMetadata"] = {"parley": {"signature": event.signature}}
        return data(chunk)

    # --- tools --------------------------------------------------------------------------

    def _call(self, event: events.ToolInputStart) -> bytes:
        self._executors[event.tool_call_id] = event.executor
        self._names[event.tool_call_id] = event.tool_name
        return data({"type": event.type, **self._named(event.tool_call_id)})

    def _input(self, event: events.ToolInputDelta) -> bytes:
        return data({"type": event.type, "toolCallId": event.tool_call_id, "inputTextDelta": event.delta})

    def _called(self, event: events.ToolInputAvailable) -> bytes:
        told = self._named(event.tool_call_id)
        if event.error:
            return data({"type": "tool-input-error", **told, "input": None, "errorText": event.error})
        return data({"type": event.type, **told, "input": {} if event.input is None else event.input})

    def _output(self, event: events.ToolOutputAvailable) -> bytes:
        told = {"type": event.type, **self._ran(event.tool_call_id), "output": event.output}
        return data({**told, "preliminary": True} if event.preliminary else told)

    def _output_error(self, event: events.ToolOutputError) -> bytes:
        return data({"type": event.type, **self._ran(event.tool_call_id), "errorText": event.message})

    def _named(self, call_id: str) -> dict[str, Any]:
        return {"toolCallId": call_id, "toolName": self._names.get(call_id, ""), **self._flags(call_id)}

    def _ran(self, call_id: str) -> dict[str, Any]:
        return {"toolCallId": call_id, **self._flags(call_id)}

    def _flags(self, call_id: str) -> dict[str, bool]:
        """Without these the client would look for the tool and run it."""
        if self._executors.get(call_id) == "client":
            return {}
        return {"providerExecuted": True, "dynamic": True}

    def _approval_request(self, event: events.ToolApprovalRequest) -> bytes:
        told = {"toolCallId": event.tool_call_id, "toolName": event.tool_name, "arguments": event.arguments}
        return _data_part("tool-approval", {**told, "runId": self._context.run_id}, id=event.tool_call_id)

    def _approval(self, event: events.ToolApproval) -> bytes:
        told = {"toolCallId": event.tool_call_id, "decision": event.decision}
        return _data_part("tool-approval", told, id=event.tool_call_id)

    # --- the rest -----------------------------------------------------------------------

    def _source(self, event: events.Source) -> bytes:
        titled = {"title": event.title} if event.title else {}
        if event.url:
            return data({"type": "source-url", "sourceId": event.source_id, "url": event.url, **titled})
        told = {"mediaType": DOCUMENT, "title": event.title or event.source_id}
        return data({"type": "source-document", "sourceId": event.source_id, **told})

    def _file(self, event: events.File) -> bytes:
        return data({"type": "file", "mediaType": event.media_type, "url": file_url(event)})

    def _data(self, event: events.Data) -> bytes:
        return _data_part(event.name, event.value, id=event.name)

    def _passing(self, event: RunEvent) -> bytes:
        return _data_part(event.type, fields_of(event), transient=True)

    def _report(self, event: events.UsageReport) -> bytes:
        return data({"type": "message-metadata", "messageMetadata": {"usage": usage_json(event.usage)}})

    def _finish(self, event: events.Finish) -> bytes:
        chunk: dict[str, Any] = {
            "type": "finish",
            "finishReason": FINISH_REASONS.get(event.reason, "other"),
        }
        if event.usage:
            chunk["messageMetadata"] = {"usage": usage_json(event.usage), "cost": event.cost}
        return self._step_finish(event) + data(chunk) + DONE

    def _abort(self, event: events.Abort) -> bytes:
        return self._step_finish(event) + data({"type": "abort"}) + DONE

    def _fail(self, event: events.Error) -> bytes:
        return data({"type": "error", "errorText": event.message}) + DONE


def _data_part(name: str, value: Any, **more: Any) -> bytes:
    return data({"type": f"data-{name}", "data": value, **more})


def fields_of(event: RunEvent) -> dict[str, Any]:
    """An event's own fields, by their names in the native protocol."""
    told: dict[str, Any] = msgspec.to_builtins(event)
    return {name: value for name, value in told.items() if name != "type"}


def file_url(event: events.File) -> str:
    """Where it is; a file that nobody keeps is in its address."""
    if event.data:
        return f"data:{event.media_type};base64,{event.data}"
    return event.url or f"/api/files/{event.file_id}/content/"


def usage_json(usage: Usage) -> dict[str, int]:
    return {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.total_tokens,
        "reasoningTokens": usage.reasoning_tokens,
        "cachedInputTokens": usage.cache_read_tokens,
    }


_IN_STEP: Final = (events.PartEvent, events.ToolEvent, events.File, events.Source)
_HANDLERS: Final[dict[type[RunEvent], Callable[[AISDK, Any], bytes]]] = {
    events.RunStart: AISDK._start,
    events.StepStart: AISDK._step_start,
    events.StepFinish: AISDK._step_finish,
    events.TextStart: AISDK._part,
    events.TextDelta: AISDK._part,
    events.TextEnd: AISDK._part,
    events.ReasoningStart: AISDK._part,
    events.ReasoningDelta: AISDK._part,
    events.ReasoningEnd: AISDK._part,
    events.ToolInputStart: AISDK._call,
    events.ToolInputDelta: AISDK._input,
    events.ToolInputAvailable: AISDK._called,
    events.ToolApprovalRequest: AISDK._approval_request,
    events.ToolApproval: AISDK._approval,
    events.ToolOutputAvailable: AISDK._output,
    events.ToolOutputError: AISDK._output_error,
    events.Source: AISDK._source,
    events.File: AISDK._file,
    events.Data: AISDK._data,
    events.Retry: AISDK._passing,
    events.Fallback: AISDK._passing,
    events.Progress: AISDK._passing,
    events.UsageReport: AISDK._report,
    events.Finish: AISDK._finish,
    events.Abort: AISDK._abort,
    events.Error: AISDK._fail,
}
