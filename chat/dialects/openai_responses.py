"""OpenAI's responses: named events with a `sequence_number`, from `response.created` to the whole response.

A reader resumes by that number (`starting_after`), not by ours: the same log always gives the same frames.
Tools that this server runs are shown as `mcp_call` items, which no client answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from chat.dialects import responses_items as items
from chat.dialects.contract import Context
from chat.dialects.framing import COMMENT, EVENT_STREAM, STREAM_HEADERS, named, to_json
from providers import events
from providers.events import RunEvent, Usage


@dataclass(slots=True)
class _Item:
    """An output item while it is written."""

    id: str
    index: int
    kind: str
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    annotations: list[Any] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def place(self) -> dict[str, Any]:
        return {"item_id": self.id, "output_index": self.index}


class OpenAIResponses:
    """Options: `asked`, the request's fields that the response repeats; `starting_after`, the last
    `sequence_number` that the reader has (-1: none)."""

    content_type: ClassVar[str] = EVENT_STREAM
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = COMMENT

    def __init__(self, context: Context) -> None:
        self.output: list[Any] = []
        self.response: dict[str, Any] = items.response_json(context, "in_progress", [])
        self._context = context
        self._after = int(context.options.get("starting_after", -1))
        self._sequence = -1
        self._open: dict[str, _Item] = {}
        self._sources: list[events.Source] = []
        self._usage: Usage | None = None
        self._begun = False

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        handle = _HANDLERS.get(type(event))
        if handle is None:
            return b""
        if self._begun:
            return handle(self, event)
        self._begun = True
        started = {"response": self.response}
        return self._told("created", **started) + self._told("in_progress", **started) + handle(self, event)

    def _told(self, kind: str, **fields: Any) -> bytes:
        self._sequence += 1
        if self._sequence <= self._after:
            return b""
        name = f"response.{kind}"
        return named(name, {"type": name, "sequence_number": self._sequence, **fields})

    def _start(self, event: events.RunStart) -> bytes:
        return b""

    # --- text ---------------------------------------------------------------------------

    def _added(
        self, key: str, kind: str, prefix: str, picture: Callable[[str], Any], name: str = ""
    ) -> bytes:
        index = len(self.output)
        item = self._open[key] = _Item(f"{prefix}_{self._context.id}_{index}", index, kind, name)
        self.output.append(None)
        return self._told("output_item.added", output_index=index, item=picture(item.id))

    def _done(self, item: _Item, picture: Any) -> bytes:
        self.output[item.index] = picture
        return self._told("output_item.done", output_index=item.index, item=picture)

    def _text_start(self, event: events.TextStart) -> bytes:
        added = self._added(
            event.part_id, "text", "msg", lambda id_: items.message_item(id_, "in_progress", [])
        )
        item = self._open[event.part_id]
        part = items.text_content("", [])
        begun = self._told("content_part.added", **item.place, content_index=0, part=part)
        sources, self._sources = self._sources, []
        return added + begun + b"".join(self._annotated(item, source) for source in sources)

    def _text(self, event: events.TextDelta) -> bytes:
        item = self._open[event.part_id]
        item.pieces.append(event.delta)
        return self._told("output_text.delta", **item.place, content_index=0, delta=event.delta, logprobs=[])

    def _text_end(self, event: events.TextEnd) -> bytes:
        item = self._open.pop(event.part_id)
        part = items.text_content(item.text, item.annotations)
        place = {**item.place, "content_index": 0}
        return (
            self._told("output_text.done", **place, text=item.text, logprobs=[])
            + self._told("content_part.done", **place, part=part)
            + self._done(item, items.message_item(item.id, "completed", [part]))
        )

    def _source(self, event: events.Source) -> bytes:
        """A citation of the text that is open, or of the next one."""
        item = next((item for item in self._open.values() if item.kind == "text"), None)
        if item:
            return self._annotated(item, event)
        self._sources.append(event)
        return b""

    def _annotated(self, item: _Item, source: events.Source) -> bytes:
        annotation = items.citation(source, len(item.text))
        item.annotations.append(annotation)
        place = {**item.place, "content_index": 0, "annotation_index": len(item.annotations) - 1}
        return self._told("output_text.annotation.added", **place, annotation=annotation)

    def _file(self, event: events.File) -> bytes:
        """A picture; of other files the format knows nothing. Those that are kept here are named by their
        address."""
        if not event.media_type.startswith("image/"):
            return b""
        added = self._added("", "image", "ig", lambda id_: items.image_item(id_, "in_progress", event))
        item = self._open.pop("")
        completed = self._told("image_generation_call.completed", **item.place)
        return added + completed + self._done(item, items.image_item(item.id, "completed", event))

    # --- reasoning ----------------------------------------------------------------------

    def _reasoning_start(self, event: events.ReasoningStart) -> bytes:
        added = self._added(
            event.part_id, "reasoning", "rs", lambda id_: items.reasoning_item(id_, "in_progress", [])
        )
        place = {**self._open[event.part_id].place, "summary_index": 0}
        return added + self._told("reasoning_summary_part.added", **place, part=items.summary_text(""))

    def _reasoning(self, event: events.ReasoningDelta) -> bytes:
        item = self._open[event.part_id]
        item.pieces.append(event.delta)
        return self._told("reasoning_summary_text.delta", **item.place, summary_index=0, delta=event.delta)

    def _reasoning_end(self, event: events.ReasoningEnd) -> bytes:
        item = self._open.pop(event.part_id)
        place = {**item.place, "summary_index": 0}
        part = items.summary_text(item.text)
        return (
            self._told("reasoning_summary_text.done", **place, text=item.text)
            + self._told("reasoning_summary_part.done", **place, part=part)
            + self._done(item, items.reasoning_item(item.id, "completed", [part], event.signature))
        )

    # --- tools --------------------------------------------------------------------------

    def _call(self, event: events.ToolInputStart) -> bytes:
        key, name = event.tool_call_id, event.tool_name
        if event.executor == "client":
            return self._added(
                key, "call", "fc", lambda id_: items.call_item(id_, key, name, "", "in_progress"), name
            )
        added = self._added(
            key, "server", "mcp", lambda id_: items.server_call_item(id_, name, "", "in_progress"), name
        )
        return added + self._told("mcp_call.in_progress", **self._open[key].place)

    def _arguments(self, event: events.ToolInputDelta) -> bytes:
        item = self._open[event.tool_call_id]
        item.pieces.append(event.delta)
        return self._told(f"{_ARGUMENTS[item.kind]}.delta", **item.place, delta=event.delta)

    def _called(self, event: events.ToolInputAvailable) -> bytes:
        item = self._open[event.tool_call_id]
        told = b""
        if not item.pieces:
            arguments = to_json(event.input or {}).decode()
            told = self._arguments(events.ToolInputDelta(tool_call_id=event.tool_call_id, delta=arguments))
        told += self._told(f"{_ARGUMENTS[item.kind]}.done", **item.place, arguments=item.text, name=item.name)
        if item.kind == "server":
            return told
        del self._open[event.tool_call_id]
        status = "incomplete" if event.error else "completed"
        return told + self._done(
            item, items.call_item(item.id, event.tool_call_id, item.name, item.text, status)
        )

    def _output(self, event: events.ToolOutputAvailable) -> bytes:
        if event.preliminary or event.tool_call_id not in self._open:
            return b""
        output = event.output if isinstance(event.output, str) else to_json(event.output).decode()
        return self._ran(event.tool_call_id, "completed", output=output)

    def _output_error(self, event: events.ToolOutputError) -> bytes:
        if event.tool_call_id not in self._open:
            return b""
        return self._ran(event.tool_call_id, "failed", error=event.message)

    def _ran(self, call_id: str, status: str, **outcome: Any) -> bytes:
        item = self._open.pop(call_id)
        picture = items.server_call_item(item.id, item.name, item.text, status, **outcome)
        return self._told(f"mcp_call.{status}", **item.place) + self._done(item, picture)

    # --- the end ------------------------------------------------------------------------

    def _report(self, event: events.UsageReport) -> bytes:
        self._usage = event.usage
        return b""

    def _finish(self, event: events.Finish) -> bytes:
        self._usage = event.usage or self._usage
        reason = items.INCOMPLETE.get(event.reason)
        if reason:
            return self._over("incomplete", incomplete_details={"reason": reason})
        return self._over("completed")

    def _abort(self, event: events.Abort) -> bytes:
        """The stream knows no cancelled response; the object itself says so."""
        told = self._over("incomplete", incomplete_details=None)
        self.response["status"] = "cancelled"
        return told

    def _fail(self, event: events.Error) -> bytes:
        return self._over("failed", error={"code": event.code, "message": event.message})

    def _over(self, status: str, **more: Any) -> bytes:
        """Calls of this server that nobody answered any more are told as incomplete."""
        for item in self._open.values():
            self.output[item.index] = items.server_call_item(item.id, item.name, item.text, "incomplete")
        usage = items.usage_json(self._usage) if self._usage else None
        output = [item for item in self.output if item]
        self.response = items.response_json(self._context, status, output, usage=usage, **more)
        return self._told(status, response=self.response)


_ARGUMENTS: Final = {"call": "function_call_arguments", "server": "mcp_call_arguments"}
_HANDLERS: Final[dict[type[RunEvent], Callable[[OpenAIResponses, Any], bytes]]] = {
    events.RunStart: OpenAIResponses._start,
    events.TextStart: OpenAIResponses._text_start,
    events.TextDelta: OpenAIResponses._text,
    events.TextEnd: OpenAIResponses._text_end,
    events.ReasoningStart: OpenAIResponses._reasoning_start,
    events.ReasoningDelta: OpenAIResponses._reasoning,
    events.ReasoningEnd: OpenAIResponses._reasoning_end,
    events.ToolInputStart: OpenAIResponses._call,
    events.ToolInputDelta: OpenAIResponses._arguments,
    events.ToolInputAvailable: OpenAIResponses._called,
    events.ToolOutputAvailable: OpenAIResponses._output,
    events.ToolOutputError: OpenAIResponses._output_error,
    events.Source: OpenAIResponses._source,
    events.File: OpenAIResponses._file,
    events.UsageReport: OpenAIResponses._report,
    events.Finish: OpenAIResponses._finish,
    events.Abort: OpenAIResponses._abort,
    events.Error: OpenAIResponses._fail,
}
