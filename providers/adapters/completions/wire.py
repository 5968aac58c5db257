"""The chunks of a chat completion as our events.

The shapes are those of `chat.completion.chunk`, read as tolerantly as the servers that imitate it need: usage
with or without choices, a finish reason on the last piece of text, no `[DONE]`, errors in every form.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from providers.adapters.completions.calls import CalledTools, ToolDelta
from providers.adapters.completions.whole import chunks_of
from providers.adapters.decoding import count, decode, objects, span, text
from providers.adapters.failures import told_failure
from providers.adapters.wholes import Told
from providers.adapters.writing import Citation, PartWriter
from providers.errors import StreamBroken
from providers.events import Finish, FinishReason, RunEvent, Usage, UsageReport
from providers.sse import SseEvent

FINISH_REASONS: Final[dict[str, FinishReason]] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


class _Delta(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    reasoning_content: Any = None  # DeepSeek, vLLM, llama.cpp
    reasoning: Any = None  # OpenRouter
    tool_calls: list[ToolDelta] | None = None
    annotations: Any = None  # what a web search found
    images: Any = None  # OpenRouter
    audio: Any = None


class _Choice(msgspec.Struct):
    index: int | None = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _InputDetails(msgspec.Struct):
    cached_tokens: int | float | None = None
    cache_write_tokens: int | float | None = None


class _OutputDetails(msgspec.Struct):
    reasoning_tokens: int | float | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | float | None = None
    completion_tokens: int | float | None = None
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None
    prompt_cache_hit_tokens: int | float | None = None  # DeepSeek

    def counted(self) -> Usage:
        read = self.prompt_tokens_details or _InputDetails()
        written = self.completion_tokens_details or _OutputDetails()
        return Usage(
            input_tokens=count(self.prompt_tokens),
            output_tokens=count(self.completion_tokens),
            reasoning_tokens=count(written.reasoning_tokens),
            cache_read_tokens=count(read.cached_tokens or self.prompt_cache_hit_tokens),
            cache_write_tokens=count(read.cache_write_tokens),
        )


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    detail: Any = None
    citations: Any = None  # Perplexity


_decoder = msgspec.json.Decoder(_Chunk)


class CompletionsWire:
    """`taken` are the ids of tool calls that the conversation holds already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.done = False
        self._writer = PartWriter(taken)
        self._tools = CalledTools(self._writer)
        self._usage: Usage | None = None
        self._reason: str | None = None

    @property
    def begun(self) -> bool:
        return self._writer.begun

    @property
    def complete(self) -> bool:
        return self.done or self._reason is not None

    def read(self, event: SseEvent) -> None:
        if event.data == b"[DONE]":
            self.done = True
            return
        chunk = decode(_decoder, event.data)
        if chunk.error or chunk.detail or event.name == b"error":
            raise told_failure(chunk.error or chunk.detail)
        for choice in chunk.choices or ():
            if not choice.index:
                self._choose(choice)
        if chunk.citations:
            self._cite(chunk.citations)
        if chunk.usage:
            self._usage = chunk.usage.counted()

    def unfolded(self, whole: Mapping[str, Any]) -> Iterable[Told]:
        return chunks_of(whole)

    def take(self) -> list[RunEvent]:
        return self._writer.take()

    def finish(self) -> list[RunEvent]:
        if not self.complete:
            raise StreamBroken(detail="the stream ended without a finish reason and without [DONE]")
        self._writer.end()
        usage = [UsageReport(usage=self._usage)] if self._usage else []
        return [*self._writer.take(), *usage, self._finish()]

    def _finish(self) -> Finish:
        """Some servers say `stop` where the model called tools."""
        raw = self._reason or ""
        reason = FINISH_REASONS.get(raw, "other") if raw else "stop"
        if reason == "stop" and self._tools.called:
            reason = "tool_calls"
        return Finish(reason=reason, raw_reason=raw)

    def _choose(self, choice: _Choice) -> None:
        delta = choice.delta
        if delta:
            self._writer.reasoning(text(delta.reasoning_content) or text(delta.reasoning))
            self._writer.text(text(delta.content) or text(delta.refusal))
            for called in delta.tool_calls or ():
                self._tools.read(called)
            if delta.annotations or delta.images or delta.audio:
                self._attach(delta)
        self._reason = choice.finish_reason or self._reason

    def _attach(self, delta: _Delta) -> None:
        for annotation in objects(delta.annotations):
            self._cite([annotation.get("url_citation")])
        for image in objects(delta.images):
            url = text((image.get("image_url") or {}).get("url")) if image else ""
            if url:
                self._writer.file(media_type_of(url), url)
        if isinstance(delta.audio, dict):
            self._writer.text(text(delta.audio.get("transcript")))
            if text(delta.audio.get("data")):
                self._writer.sound(delta.audio["data"])

    def _cite(self, cited: Any) -> None:
        for source in cited if isinstance(cited, list) else ():
            told = source if isinstance(source, dict) else {"url": source}
            start, end = span(told)
            url, title = text(told.get("url")), text(told.get("title"))
            self._writer.source(Citation(url=url, title=title, start=start, end=end))


def media_type_of(url: str) -> str:
    """The type that a `data:` URL tells; a PNG image otherwise, which is what models draw."""
    return url[5:].partition(";")[0] if url.startswith("data:") else "image/png"
