"""The chunks of a chat completion as our events.

The shapes are those of `chat.completion.chunk`, read as tolerantly as the servers that imitate it need: usage
with or without choices, a finish reason on the last piece of text, no `[DONE]`, errors in every form.
"""

from typing import Any, Final

import msgspec

from providers.adapters.decoding import count, decode, text
from providers.adapters.failures import told_failure
from providers.adapters.writing import PartWriter
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


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _InputDetails(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _OutputDetails(msgspec.Struct):
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None

    def counted(self) -> Usage:
        read = self.prompt_tokens_details or _InputDetails()
        written = self.completion_tokens_details or _OutputDetails()
        return Usage(
            input_tokens=count(self.prompt_tokens),
            output_tokens=count(self.completion_tokens),
            reasoning_tokens=count(written.reasoning_tokens),
            cache_read_tokens=count(read.cached_tokens),
            cache_write_tokens=count(read.cache_write_tokens),
        )


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    detail: Any = None


_decoder = msgspec.json.Decoder(_Chunk)


class OpenAIWire:
    def __init__(self) -> None:
        self.done = False
        self._writer = PartWriter()
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
            if choice.index == 0:
                self._choose(choice)
        if chunk.usage:
            self._usage = chunk.usage.counted()

    def take(self) -> list[RunEvent]:
        return self._writer.take()

    def finish(self) -> list[RunEvent]:
        if not self.complete:
            raise StreamBroken(detail="the stream ended without a finish reason and without [DONE]")
        self._writer.end()
        usage = [UsageReport(usage=self._usage)] if self._usage else []
        raw = self._reason or ""
        reason = FINISH_REASONS.get(raw, "other") if raw else "stop"
        return [*self._writer.take(), *usage, Finish(reason=reason, raw_reason=raw)]

    def _choose(self, choice: _Choice) -> None:
        delta = choice.delta
        if delta:
            self._writer.reasoning(text(delta.reasoning_content) or text(delta.reasoning))
            self._writer.text(text(delta.content) or text(delta.refusal))
        self._reason = choice.finish_reason or self._reason
