"""The events of a message stream as ours; the shapes are those of the SDK's `types/raw_*`.

Events and blocks that are not known here are passed over, as the vendor's versioning policy asks.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from providers.adapters.anthropic.seal import redacted
from providers.adapters.anthropic.whole import events_of
from providers.adapters.decoding import count, decode, text
from providers.adapters.failures import told_failure
from providers.adapters.wholes import Told
from providers.adapters.writing import Citation, PartWriter
from providers.errors import StreamBroken
from providers.events import Executor, Finish, FinishReason, RunEvent, Usage, UsageReport
from providers.parts import FilePart, MediaPart
from providers.sse import SseEvent

FINISH_REASONS: Final[dict[str, FinishReason]] = {
    "end_turn": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "refusal": "content_filter",
    "model_context_window_exceeded": "context",
}
MOST_QUOTED: Final = 500  # characters
EXECUTORS: Final[dict[str, Executor]] = {
    "tool_use": "server",
    "server_tool_use": "provider",
    "mcp_tool_use": "provider",
}


class _Usage(msgspec.Struct):
    """Counts of one report; input is told without what the cache read and wrote."""

    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cache_creation_input_tokens: int | float | None = None
    cache_read_input_tokens: int | float | None = None

    def updated(self, later: "_Usage") -> "_Usage":
        """Reports are cumulative; what a later one leaves out keeps its value."""
        told = {name: value for name, value in msgspec.structs.asdict(later).items() if value is not None}
        return msgspec.structs.replace(self, **told)

    def counted(self) -> Usage:
        read, written = count(self.cache_read_input_tokens), count(self.cache_creation_input_tokens)
        return Usage(
            input_tokens=count(self.input_tokens) + read + written,
            output_tokens=count(self.output_tokens),
            cache_read_tokens=read,
            cache_write_tokens=written,
        )


class _Message(msgspec.Struct):
    usage: _Usage | None = None


class _Piece(msgspec.Struct):
    """A content block at its start, or a delta: the fields of all kinds."""

    type: str = ""
    text: Any = None
    thinking: Any = None
    signature: Any = None
    data: Any = None
    id: Any = None
    name: Any = None
    input: Any = None
    partial_json: Any = None
    tool_use_id: Any = None
    content: Any = None
    citation: Any = None
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str = ""
    index: int | None = None
    message: _Message | None = None
    content_block: _Piece | None = None
    delta: _Piece | None = None
    usage: _Usage | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Event)


class AnthropicWire:
    """`taken` are the ids of tool calls that the conversation holds already, `documents` what citations
    count: those of the request, in their order."""

    def __init__(self, taken: Iterable[str] = (), documents: Sequence[MediaPart] = ()) -> None:
        self.done = False
        self._writer = PartWriter(taken)
        self._documents = documents
        self._cited: list[dict[str, Any]] = []  # by the block that is open
        self._block_start = 0
        self._given: dict[int | None, str] = {}  # a call's index -> the vendor's id
        self._ours: dict[str, str] = {}  # the vendor's id of a call -> ours
        self._usage = _Usage()
        self._reason: str | None = None

    @property
    def begun(self) -> bool:
        return self._writer.begun

    @property
    def complete(self) -> bool:
        return self.done

    def read(self, event: SseEvent) -> None:
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
            raise StreamBroken(detail="the stream ended without message_stop")
        self._writer.end()
        counted = self._usage.counted()
        usage = [UsageReport(usage=counted)] if counted.total_tokens else []
        raw = self._reason or ""
        reason = FINISH_REASONS.get(raw, "other") if raw else "stop"
        return [*self._writer.take(), *usage, Finish(reason=reason, raw_reason=raw)]

    def _on_message_start(self, event: _Event) -> None:
        if event.message and event.message.usage:
            self._usage = event.message.usage

    def _on_block(self, event: _Event) -> None:
        block = event.content_block
        if block is None:
            return
        if block.type in EXECUTORS:
            self._begin_call(event.index, block)
        elif text(block.tool_use_id):
            self._writer.output(self._ours.get(text(block.tool_use_id), ""), block.content)
        elif block.type == "redacted_thinking":
            self._writer.end_part()
            self._writer.sign(redacted(text(block.data)))
        else:
            self._block_start = self._writer.length
            self._write(event.index, block)

    def _begin_call(self, index: int | None, block: _Piece) -> None:
        """The input comes in pieces; servers that imitate the API give it whole."""
        executor = EXECUTORS[block.type]
        self._writer.call(index, call_id=text(block.id), name=text(block.name), executor=executor)
        self._given[index] = text(block.id)
        if isinstance(block.input, dict) and block.input:
            self._writer.arguments(index, json.dumps(block.input))

    def _on_piece(self, event: _Event) -> None:
        if event.delta:
            self._write(event.index, event.delta)

    def _write(self, index: int | None, piece: _Piece) -> None:
        self._writer.reasoning(text(piece.thinking))
        if text(piece.signature):
            self._writer.sign(text(piece.signature))
        self._writer.text(text(piece.text))
        self._writer.arguments(index, text(piece.partial_json))
        if isinstance(piece.citation, dict):
            self._cited.append(piece.citation)

    def _on_block_stop(self, event: _Event) -> None:
        call_id = self._writer.end_call(event.index)
        if call_id:
            self._ours[self._given.get(event.index, "")] = call_id
        elif self._writer.reasons:
            self._writer.end_part()
        else:
            self._cite()

    def _cite(self) -> None:
        """A text that cites comes in blocks; here it is one part, and each block a span of it."""
        for citation in self._cited:
            start, end = self._block_start, self._writer.length
            self._writer.source(replace(self._citation(citation), start=start, end=end))
        self._cited.clear()

    def _citation(self, told: dict[str, Any]) -> Citation:
        """A page of the web, or a document that came with the request."""
        number = told.get("document_index")
        known = isinstance(number, int) and 0 <= number < len(self._documents)
        document = self._documents[number] if known and isinstance(number, int) else FilePart()
        title = text(told.get("title")) or text(told.get("document_title")) or document.name
        return Citation(
            url=text(told.get("url")) or document.url,
            title=title,
            file_id=document.file_id,
            place=_place(told),
            quote=text(told.get("cited_text"))[:MOST_QUOTED],
        )

    def _on_message_delta(self, event: _Event) -> None:
        if event.delta:
            self._reason = event.delta.stop_reason or self._reason
        if event.usage:
            self._usage = self._usage.updated(event.usage)

    def _on_message_stop(self, event: _Event) -> None:
        self.done = True

    def _on_error(self, event: _Event) -> None:
        raise told_failure(event.error)


def _place(told: dict[str, Any]) -> str:
    """The last page is told as the one after it."""
    first, after = told.get("start_page_number"), told.get("end_page_number")
    if not isinstance(first, int):
        return ""
    return f"{first}-{after - 1}" if isinstance(after, int) and after - 1 > first else str(first)


_HANDLERS: Final[dict[str, Callable[[AnthropicWire, _Event], None]]] = {
    "message_start": AnthropicWire._on_message_start,
    "content_block_start": AnthropicWire._on_block,
    "content_block_delta": AnthropicWire._on_piece,
    "content_block_stop": AnthropicWire._on_block_stop,
    "message_delta": AnthropicWire._on_message_delta,
    "message_stop": AnthropicWire._on_message_stop,
    "error": AnthropicWire._on_error,
}
