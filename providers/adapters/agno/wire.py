"""The events of an Agno run as ours, whether they come from an agent in this process or from AgentOS.

Shapes are those of `agno/run/agent.py`. The agent runs its tools itself, so its calls are shown as calls that
the provider runs, with their results.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from providers.adapters.decoding import count, decode, text
from providers.adapters.failures import told_failure
from providers.adapters.writing import Citation, PartWriter
from providers.errors import ProviderRefused, StreamBroken
from providers.events import Finish, FinishReason, RunEvent, Usage, UsageReport
from providers.sse import SseEvent

FAMILIES: Final = {
    "images": "image/png",
    "videos": "video/mp4",
    "audio": "audio/wav",
    "files": "application/octet-stream",
}


class _Tool(msgspec.Struct):
    tool_call_id: Any = None
    tool_name: Any = None
    tool_args: Any = None
    tool_call_error: Any = None
    result: Any = None


class _Metrics(msgspec.Struct):
    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    reasoning_tokens: int | float | None = None
    cache_read_tokens: int | float | None = None
    cache_write_tokens: int | float | None = None

    def counted(self) -> Usage:
        return Usage(
            input_tokens=count(self.input_tokens),
            output_tokens=count(self.output_tokens),
            reasoning_tokens=count(self.reasoning_tokens),
            cache_read_tokens=count(self.cache_read_tokens),
            cache_write_tokens=count(self.cache_write_tokens),
        )


class _Url(msgspec.Struct):
    url: Any = None
    title: Any = None


class _Citations(msgspec.Struct):
    urls: list[_Url] | None = None


class _Medium(msgspec.Struct):
    """An image, a video, sound or a file; `content` is base64."""

    url: Any = None
    content: Any = None
    mime_type: Any = None
    filename: Any = None


class AgnoEvent(msgspec.Struct):
    """What is read of an event's fields; others are passed over."""

    event: str = ""
    content: Any = None
    reasoning_content: Any = None
    citations: _Citations | None = None
    tool: _Tool | None = None
    error: Any = None
    error_type: Any = None
    reason: Any = None
    metrics: _Metrics | None = None
    images: list[_Medium] | None = None
    videos: list[_Medium] | None = None
    audio: list[_Medium] | None = None
    files: list[_Medium] | None = None
    response_audio: _Medium | None = None


_decoder = msgspec.json.Decoder(AgnoEvent)


class AgnoWire:
    def __init__(self) -> None:
        self.done = False
        self._writer = PartWriter()
        self._said = False
        self._usage: Usage | None = None
        self._reason: FinishReason = "stop"
        self._running: dict[str, str] = {}  # Agno's id of a call -> ours

    @property
    def begun(self) -> bool:
        return self._writer.begun

    @property
    def complete(self) -> bool:
        return self.done

    def read(self, event: SseEvent) -> None:
        told = decode(_decoder, event.data)
        told.event = told.event or event.name.decode("utf-8", "replace")
        self.read_event(told)

    def read_event(self, told: AgnoEvent) -> None:
        """Events of a team have its name in front: `TeamRunContent`."""
        handle = _HANDLERS.get(told.event.removeprefix("Team"))
        if handle:
            handle(self, told)

    def take(self) -> list[RunEvent]:
        return self._writer.take()

    def finish(self) -> list[RunEvent]:
        if not self.done:
            raise StreamBroken(detail="the stream ended without RunCompleted")
        self._writer.end()
        usage = [UsageReport(usage=self._usage)] if self._usage and self._usage.total_tokens else []
        return [*self._writer.take(), *usage, Finish(reason=self._reason)]

    def _on_content(self, told: AgnoEvent) -> None:
        self._writer.reasoning(text(told.reasoning_content))
        words = _words(told.content)
        self._said = self._said or bool(words)
        self._writer.text(words)
        for cited in (told.citations and told.citations.urls) or ():
            self._writer.source(Citation(url=text(cited.url), title=text(cited.title)))

    def _on_reasoning(self, told: AgnoEvent) -> None:
        self._writer.reasoning(text(told.reasoning_content))

    def _on_tool_started(self, told: AgnoEvent) -> None:
        tool = told.tool or _Tool()
        given = text(tool.tool_call_id)
        self._writer.call(given, call_id=given, name=text(tool.tool_name) or "tool", executor="provider")
        self._writer.arguments(given, json.dumps(tool.tool_args or {}, ensure_ascii=False))
        self._running[given] = self._writer.end_call(given)

    def _on_tool_completed(self, told: AgnoEvent) -> None:
        tool = told.tool or _Tool()
        failed = (text(tool.result) or "The tool failed.") if tool.tool_call_error else ""
        self._writer.output(self._running.pop(text(tool.tool_call_id), ""), tool.result, failed)

    def _on_tool_error(self, told: AgnoEvent) -> None:
        given = text(told.tool.tool_call_id) if told.tool else ""
        self._writer.output(self._running.pop(given, ""), None, text(told.error) or "The tool failed.")

    def _on_completed(self, told: AgnoEvent) -> None:
        """It repeats the whole text, which counts only where none came in pieces."""
        if not self._said:
            self._writer.text(_words(told.content))
        for family in FAMILIES:
            for medium in getattr(told, family) or ():
                self._show(medium, FAMILIES[family])
        if told.response_audio:
            self._show(told.response_audio, "audio/wav")
        if told.metrics:
            self._usage = told.metrics.counted()
        self.done = True

    def _show(self, medium: _Medium, kind: str) -> None:
        kind = text(medium.mime_type) or kind
        content = text(medium.content)
        url = f"data:{kind};base64,{content}" if content else text(medium.url)
        if url:
            self._writer.file(kind, url, text(medium.filename))

    def _on_paused(self, told: AgnoEvent) -> None:
        """The agent waits for a person of its own; here the answer ends."""
        self._reason, self.done = "pause", True

    def _on_cancelled(self, told: AgnoEvent) -> None:
        raise ProviderRefused(detail=f"the agent's run was cancelled: {told.reason!r}"[:500])

    def _on_error(self, told: AgnoEvent) -> None:
        raise told_failure({"type": told.error_type, "message": told.content})


def _words(content: Any) -> str:
    """A structured answer is shown as JSON."""
    if content is None or isinstance(content, str):
        return content or ""
    return json.dumps(content, default=str, ensure_ascii=False)


_HANDLERS: Final[dict[str, Callable[[AgnoWire, AgnoEvent], None]]] = {
    "RunContent": AgnoWire._on_content,
    "ReasoningContentDelta": AgnoWire._on_reasoning,
    "ReasoningStep": AgnoWire._on_reasoning,
    "ToolCallStarted": AgnoWire._on_tool_started,
    "ToolCallCompleted": AgnoWire._on_tool_completed,
    "ToolCallError": AgnoWire._on_tool_error,
    "RunCompleted": AgnoWire._on_completed,
    "RunPaused": AgnoWire._on_paused,
    "RunCancelled": AgnoWire._on_cancelled,
    "RunError": AgnoWire._on_error,
}
