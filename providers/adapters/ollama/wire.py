"""The lines of Ollama's `/api/chat` as our events. Tool calls come whole, the last line has the counts."""

import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from providers.adapters.decoding import count, decode, text
from providers.adapters.failures import told_failure
from providers.adapters.writing import PartWriter
from providers.errors import StreamBroken
from providers.events import Finish, FinishReason, RunEvent, Usage, UsageReport
from providers.sse import SseEvent

FINISH_REASONS: Final[dict[str, FinishReason]] = {"stop": "stop", "length": "length"}


class _Function(msgspec.Struct):
    name: Any = None
    arguments: Any = None


class _Call(msgspec.Struct):
    id: Any = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: Any = None
    thinking: Any = None
    tool_calls: list[_Call] | None = None
    images: Any = None  # base64, of models that draw


class _Line(msgspec.Struct):
    message: _Message | None = None
    done: bool = False
    done_reason: str | None = None
    prompt_eval_count: int | float | None = None
    eval_count: int | float | None = None
    error: Any = None


_decoder = msgspec.json.Decoder(_Line)


class OllamaWire:
    """`taken` are the ids of tool calls that the conversation holds already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.done = False
        self._writer = PartWriter(taken)
        self._called = 0
        self._last = _Line()

    @property
    def begun(self) -> bool:
        return self._writer.begun

    @property
    def complete(self) -> bool:
        return self.done

    def read(self, event: SseEvent) -> None:
        line = decode(_decoder, event.data)
        if line.error:
            raise told_failure(line.error)
        if line.message:
            self._say(line.message)
        if line.done:
            self.done, self._last = True, line

    def take(self) -> list[RunEvent]:
        return self._writer.take()

    def finish(self) -> list[RunEvent]:
        if not self.done:
            raise StreamBroken(detail="the stream ended before a line that is done")
        self._writer.end()
        return [*self._writer.take(), *self._usage(), self._finish()]

    def _say(self, message: _Message) -> None:
        self._writer.reasoning(text(message.thinking))
        self._writer.text(text(message.content))
        for image in message.images if isinstance(message.images, list) else ():
            if text(image):
                self._writer.file("image/png", f"data:image/png;base64,{image}")
        for call in message.tool_calls or ():
            self._call(call)

    def _call(self, call: _Call) -> None:
        function = call.function or _Function()
        self._called += 1
        self._writer.call(self._called, call_id=text(call.id), name=text(function.name))
        given = function.arguments
        self._writer.arguments(self._called, text(given) or json.dumps(given or {}, ensure_ascii=False))
        self._writer.end_call(self._called)

    def _usage(self) -> list[RunEvent]:
        read, written = self._last.prompt_eval_count, self._last.eval_count
        if read is None and written is None:
            return []
        return [UsageReport(usage=Usage(input_tokens=count(read), output_tokens=count(written)))]

    def _finish(self) -> Finish:
        """The server says `stop` where the model called tools."""
        raw = self._last.done_reason or ""
        reason = FINISH_REASONS.get(raw, "other") if raw else "stop"
        return Finish(reason="tool_calls" if reason == "stop" and self._called else reason, raw_reason=raw)
