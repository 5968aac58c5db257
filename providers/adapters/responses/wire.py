"""The events of a streamed response as ours.

Shapes are those of the SDK's `types/responses/response_*_event.py`; servers that imitate the API leave out
indexes, `created_at` and sequence numbers, which are not needed here. Unknown events are passed over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from providers.adapters.decoding import count, decode, span, text
from providers.adapters.failures import told_failure
from providers.adapters.responses.seal import sealed
from providers.adapters.responses.whole import events_of
from providers.adapters.wholes import Told
from providers.adapters.writing import Citation, PartWriter
from providers.errors import StreamBroken
from providers.events import Executor, Finish, FinishReason, RunEvent, Usage, UsageReport
from providers.sse import SseEvent

INCOMPLETE: Final[dict[str, FinishReason]] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}


class _Details(msgspec.Struct):
    cached_tokens: int | float | None = None
    cache_write_tokens: int | float | None = None
    reasoning_tokens: int | float | None = None


class _Usage(msgspec.Struct):
    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None

    def counted(self) -> Usage:
        read = self.input_tokens_details or _Details()
        return Usage(
            input_tokens=count(self.input_tokens),
            output_tokens=count(self.output_tokens),
            reasoning_tokens=count((self.output_tokens_details or _Details()).reasoning_tokens),
            cache_read_tokens=count(read.cached_tokens),
            cache_write_tokens=count(read.cache_write_tokens),
        )


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class _Response(msgspec.Struct):
    usage: _Usage | None = None
    error: Any = None
    incomplete_details: _Incomplete | None = None


class _Item(msgspec.Struct):
    type: str = ""
    id: Any = None
    call_id: Any = None
    name: Any = None
    arguments: Any = None
    output: Any = None
    error: Any = None
    result: Any = None
    output_format: Any = None
    encrypted_content: Any = None


class _Event(msgspec.Struct):
    type: str = ""
    item: _Item | None = None
    item_id: Any = None
    delta: Any = None
    text: Any = None
    summary_index: int | None = None
    annotation: Any = None
    response: _Response | None = None
    error: Any = None
    code: Any = None
    message: Any = None


_decoder = msgspec.json.Decoder(_Event)


class ResponsesWire:
    """`taken` are the ids of tool calls that the conversation holds already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.done = False
        self._writer = PartWriter(taken)
        self._usage: Usage | None = None
        self._finish = Finish(reason="stop")
        self._called = False
        self._summary = 0

    @property
    def begun(self) -> bool:
        return self._writer.begun

    @property
    def complete(self) -> bool:
        return self.done

    def read(self, event: SseEvent) -> None:
        if self.done:  # LiteLLM says [DONE] after it, as chat completions do
            return
        told = decode(_decoder, event.data)
        handle = _HANDLERS.get(told.type or event.name.decode("utf-8", "replace"))
        if handle:
            handle(self, told)

    def unfolded(self, whole: Mapping[str, Any]) -> Iterable[Told]:
        return events_of(whole)

    def take(self) -> list[RunEvent]:
        return self._writer.take()

    def finish(self) -> list[RunEvent]:
        if not self.complete:
            raise StreamBroken(detail="the stream ended without response.completed")
        self._writer.end()
        usage = [UsageReport(usage=self._usage)] if self._usage else []
        return [*self._writer.take(), *usage, self._finish]

    def _on_text(self, event: _Event) -> None:
        self._writer.text(text(event.delta))

    def _on_reasoning(self, event: _Event) -> None:
        """Each part of a summary is a paragraph."""
        if event.summary_index and event.summary_index != self._summary:
            self._writer.reasoning("\n\n")
        self._summary = event.summary_index or 0
        self._writer.reasoning(text(event.delta))

    def _on_item_added(self, event: _Event) -> None:
        item = event.item
        if item and item.type in _CALLS:
            executor: Executor = "provider" if item.type == "mcp_call" else "server"
            self._called = self._called or executor == "server"
            call_id = text(item.call_id) or text(item.id)
            self._writer.call(text(item.id), call_id=call_id, name=text(item.name), executor=executor)

    def _on_arguments(self, event: _Event) -> None:
        self._writer.arguments(text(event.item_id), text(event.delta))

    def _on_item_done(self, event: _Event) -> None:
        item = event.item
        handle = _DONE.get(item.type) if item else None
        if item and handle:
            handle(self, item)

    def _call_done(self, item: _Item) -> None:
        key = text(item.id)
        if not self._writer.has_call(key):  # a server that tells calls only when they are whole
            self._on_item_added(_Event(item=item))
        if not self._writer.arguments_of(key):
            self._writer.arguments(key, text(item.arguments))
        call_id = self._writer.end_call(key)
        if item.type == "mcp_call":
            self._writer.output(call_id, text(item.output), text(item.error))

    def _reasoning_done(self, item: _Item) -> None:
        if text(item.encrypted_content):
            self._writer.sign(sealed(text(item.id), text(item.encrypted_content)))
        self._writer.end_part()
        self._summary = 0

    def _message_done(self, item: _Item) -> None:
        self._writer.end_part()

    def _image_done(self, item: _Item) -> None:
        if text(item.result):
            kind = f"image/{text(item.output_format) or 'png'}"
            self._writer.file(kind, f"data:{kind};base64,{text(item.result)}")

    def _on_annotation(self, event: _Event) -> None:
        """A page, or a file that the vendor searched: of that there is no more than its name."""
        if isinstance(event.annotation, dict):
            told = event.annotation
            start, end = span(told)
            title = text(told.get("title") or told.get("filename"))
            self._writer.source(Citation(url=text(told.get("url")), title=title, start=start, end=end))

    def _on_completed(self, event: _Event) -> None:
        reason: FinishReason = "tool_calls" if self._called else "stop"
        self._end(event, Finish(reason=reason, raw_reason="completed"))

    def _on_incomplete(self, event: _Event) -> None:
        details = event.response and event.response.incomplete_details
        raw = (details and details.reason) or "incomplete"
        self._end(event, Finish(reason=INCOMPLETE.get(raw, "other"), raw_reason=raw))

    def _end(self, event: _Event, finish: Finish) -> None:
        self.done = True
        self._finish = finish
        if event.response and event.response.usage:
            self._usage = event.response.usage.counted()

    def _on_failed(self, event: _Event) -> None:
        raise told_failure(event.response.error if event.response else None)

    def _on_error(self, event: _Event) -> None:
        raise told_failure(event.error or {"code": event.code, "message": event.message})


_CALLS: Final = frozenset({"function_call", "mcp_call"})
_DONE: Final[dict[str, Callable[[ResponsesWire, _Item], None]]] = {
    "function_call": ResponsesWire._call_done,
    "mcp_call": ResponsesWire._call_done,
    "reasoning": ResponsesWire._reasoning_done,
    "message": ResponsesWire._message_done,
    "image_generation_call": ResponsesWire._image_done,
}
_HANDLERS: Final[dict[str, Callable[[ResponsesWire, _Event], None]]] = {
    "response.output_text.delta": ResponsesWire._on_text,
    "response.refusal.delta": ResponsesWire._on_text,
    "response.reasoning_summary_text.delta": ResponsesWire._on_reasoning,
    "response.reasoning_text.delta": ResponsesWire._on_reasoning,
    "response.output_item.added": ResponsesWire._on_item_added,
    "response.output_item.done": ResponsesWire._on_item_done,
    "response.function_call_arguments.delta": ResponsesWire._on_arguments,
    "response.mcp_call_arguments.delta": ResponsesWire._on_arguments,
    "response.output_text.annotation.added": ResponsesWire._on_annotation,
    "response.completed": ResponsesWire._on_completed,
    "response.incomplete": ResponsesWire._on_incomplete,
    "response.failed": ResponsesWire._on_failed,
    "error": ResponsesWire._on_error,
}
