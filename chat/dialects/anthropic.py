"""Anthropic's messages: named events from `message_start` to `message_stop`.

Tools that this server runs are not shown: a client would answer the calls itself. Pages that are cited are
citations of the text; other sources, files and data have no word here and are left out. Usage is told as
Anthropic counts it: input without what the cache read and wrote.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from chat.dialects.contract import Context
from chat.dialects.failures import anthropic_type, status_of
from chat.dialects.framing import (
    EVENT_STREAM,
    STREAM_HEADERS,
    arguments_value,
    data_line,
    named,
    to_json,
)
from chat.dialects.ordering import OneAtATime
from providers import events
from providers.events import FinishReason, RunEvent, Usage
from providers.parts import Part, Parts, ReasoningPart, SourcePart, TextPart, ToolCallPart

STOP_REASONS: Final[dict[FinishReason, str]] = {
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "stop_sequence": "stop_sequence",
    "context": "model_context_window_exceeded",
    "pause": "pause_turn",
}


class Anthropic:
    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = named("ping", {"type": "ping"})

    def __init__(self, context: Context) -> None:
        self._context = context
        self._order = OneAtATime()
        self._usage = Usage()
        self._blocks = 0
        self._in_text = False
        self._sources: list[events.Source] = []  # cited before there is a text
        self._calls: set[str] = set()
        self._with_arguments: set[str] = set()
        self._begun = False

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        if isinstance(event, events.ToolEvent) and self._is_hidden(event):
            return b""
        return b"".join(self._frames(ready) for ready in self._order.feed(event))

    def _is_hidden(self, event: events.ToolEvent) -> bool:
        if isinstance(event, events.ToolInputStart) and event.executor == "client":
            self._calls.add(event.tool_call_id)
        return event.tool_call_id not in self._calls

    def _frames(self, event: RunEvent) -> bytes:
        handle = _HANDLERS.get(type(event))
        if handle is None:
            return b""
        if self._begun or isinstance(event, events.Error):
            return handle(self, event)
        self._begun = True
        start = message_json(self._context, (), None, Usage())
        return named("message_start", {"type": "message_start", "message": start}) + handle(self, event)

    def _start(self, event: events.RunStart) -> bytes:
        return b""

    def _open(self, block: Mapping[str, Any]) -> bytes:
        self._blocks += 1
        return self._told("content_block_start", {"content_block": block})

    def _delta(self, kind: str, name: str, value: str) -> bytes:
        delta = to_json({"type": kind, name: value})
        line = b'{"type":"content_block_delta","index":%d,"delta":%b}' % (self._blocks - 1, delta)
        return b"event: content_block_delta\n" + data_line(line)

    def _close(self, event: RunEvent) -> bytes:
        self._in_text = False
        return self._told("content_block_stop", {})

    def _told(self, kind: str, fields: Mapping[str, Any]) -> bytes:
        return named(kind, {"type": kind, "index": self._blocks - 1, **fields})

    def _text_start(self, event: events.TextStart) -> bytes:
        self._in_text = True
        sources, self._sources = self._sources, []
        return self._open({"type": "text", "text": ""}) + b"".join(map(self._source, sources))

    def _source(self, event: events.Source) -> bytes:
        """Only pages: documents are counted by their place in the request, which is not known here."""
        if not event.url:
            return b""
        if not self._in_text:
            self._sources.append(event)
            return b""
        delta = {"type": "citations_delta", "citation": citation(event.url, event.title, event.quote)}
        return self._told("content_block_delta", {"delta": delta})

    def _text(self, event: events.TextDelta) -> bytes:
        return self._delta("text_delta", "text", event.delta)

    def _reasoning_start(self, event: events.ReasoningStart) -> bytes:
        return self._open({"type": "thinking", "thinking": "", "signature": ""})

    def _reasoning(self, event: events.ReasoningDelta) -> bytes:
        return self._delta("thinking_delta", "thinking", event.delta)

    def _reasoning_end(self, event: events.ReasoningEnd) -> bytes:
        sealed = self._delta("signature_delta", "signature", event.signature) if event.signature else b""
        return sealed + self._close(event)

    def _call(self, event: events.ToolInputStart) -> bytes:
        block = {"type": "tool_use", "id": event.tool_call_id, "name": event.tool_name, "input": {}}
        return self._open(block)

    def _arguments(self, event: events.ToolInputDelta) -> bytes:
        self._with_arguments.add(event.tool_call_id)
        return self._delta("input_json_delta", "partial_json", event.delta)

    def _called(self, event: events.ToolInputAvailable) -> bytes:
        if event.tool_call_id in self._with_arguments or not event.input:
            return self._close(event)
        arguments = to_json(event.input).decode()
        return self._delta("input_json_delta", "partial_json", arguments) + self._close(event)

    def _report(self, event: events.UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _finish(self, event: events.Finish) -> bytes:
        self._usage = event.usage or self._usage
        return self._end(stop_reason(event.reason, has_calls=bool(self._calls)))

    def _abort(self, event: events.Abort) -> bytes:
        return self._end("end_turn")

    def _end(self, reason: str) -> bytes:
        delta = {"stop_reason": reason, "stop_sequence": None}
        told = {"type": "message_delta", "delta": delta, "usage": usage_json(self._usage)}
        return named("message_delta", told) + named("message_stop", {"type": "message_stop"})

    def _fail(self, event: events.Error) -> bytes:
        return named("error", error_json(status_of(event.code), event.message))


_HANDLERS: Final[dict[type[RunEvent], Callable[[Anthropic, Any], bytes]]] = {
    events.RunStart: Anthropic._start,
    events.TextStart: Anthropic._text_start,
    events.TextDelta: Anthropic._text,
    events.TextEnd: Anthropic._close,
    events.ReasoningStart: Anthropic._reasoning_start,
    events.ReasoningDelta: Anthropic._reasoning,
    events.ReasoningEnd: Anthropic._reasoning_end,
    events.ToolInputStart: Anthropic._call,
    events.ToolInputDelta: Anthropic._arguments,
    events.ToolInputAvailable: Anthropic._called,
    events.Source: Anthropic._source,
    events.UsageReport: Anthropic._report,
    events.Finish: Anthropic._finish,
    events.Abort: Anthropic._abort,
    events.Error: Anthropic._fail,
}


# --- one answer in one piece ------------------------------------------------------------


def message_json(context: Context, parts: Parts, reason: FinishReason | None, usage: Usage) -> dict[str, Any]:
    """A `message` object; without a reason it is one that begins."""
    content = _content(parts)
    has_calls = any(block["type"] == "tool_use" for block in content)
    return {
        "id": f"msg_{context.id}",
        "type": "message",
        "role": "assistant",
        "model": context.model,
        "content": content,
        "stop_reason": reason and stop_reason(reason, has_calls=has_calls),
        "stop_sequence": None,
        "usage": usage_json(usage),
    }


def _content(parts: Parts) -> list[dict[str, Any]]:
    """Pages are cited by the text before them, or by the first where none is."""
    content: list[dict[str, Any]] = []
    cited: list[dict[str, str]] = []
    for part in parts:
        if block := _block(part):
            content.append(block)
        elif isinstance(part, SourcePart) and part.url:
            cited.append(citation(part.url, part.title, part.quote))
        texts = [block for block in content if block["type"] == "text"]
        if texts and cited:
            texts[-1].setdefault("citations", []).extend(cited)
            cited = []
    return content


def _block(part: Part) -> dict[str, Any] | None:
    match part:
        case TextPart():
            return {"type": "text", "text": part.text}
        case ReasoningPart():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case ToolCallPart(executor="client"):
            return {
                "type": "tool_use",
                "id": part.id,
                "name": part.name,
                "input": arguments_value(part.arguments),
            }
        case _:
            return None


def citation(url: str, title: str, quote: str) -> dict[str, str]:
    """`encrypted_index` is the vendor's own way back to the page."""
    page = {"type": "web_search_result_location", "url": url, "title": title or url}
    return {**page, "cited_text": quote, "encrypted_index": ""}


def stop_reason(reason: FinishReason, *, has_calls: bool) -> str:
    told = STOP_REASONS.get(reason, "end_turn")
    return "end_turn" if told == "tool_use" and not has_calls else told


def usage_json(usage: Usage) -> dict[str, int]:
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    return {
        "input_tokens": max(0, usage.input_tokens - cached),
        "output_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
    }


def error_json(status: int, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": anthropic_type(status), "message": message}}
