"""The fast path: where the upstream that answers speaks the caller's format, its events go through as they
came, and only their framing is made anew.

Whoever answers is known only when the first word comes: the dialect is ready for those who speak another
format.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from chat.dialects.contract import Dialect
from chat.dialects.framing import DONE, data_line
from chat.gateway.asking import Question
from providers import events
from providers.adapters.forwarding import Forwarding
from providers.attempts import adapter_stream
from providers.contract import ChatRequest
from providers.events import RunEvent
from providers.registry import adapter_for
from providers.routing import Candidate
from providers.sse import SseEvent

_USAGE_ALONE: Final = re.compile(rb'"choices"\s*:\s*\[\s*\]')

# What the vendors' references list. Other names never leave: some servers take addresses and keys under them.
FIELDS: Final[dict[str, frozenset[str]]] = {
    "openai-chat": frozenset(
        (
            *("messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "temperature"),
            *("top_p", "top_k", "min_p", "stop", "seed", "presence_penalty", "frequency_penalty"),
            *("logit_bias", "reasoning_effort", "verbosity", "service_tier", "prediction", "n", "user"),
            *("modalities", "audio"),
        )
    ),
    "anthropic": frozenset(
        (
            *("messages", "system", "tools", "tool_choice", "stop_sequences", "temperature", "top_p"),
            *("top_k", "thinking", "service_tier", "output_config"),
        )
    ),
}


class Forward:
    """One answer on the fast path: gives the source to ask with, and is the dialect to answer in."""

    def __init__(self, dialect: Dialect, wire_format: str, body: Mapping[str, Any], *, usage: bool) -> None:
        """`usage`: whether a frame that tells nothing but usage is for the caller."""
        self.content_type = dialect.content_type
        self.headers = dialect.headers
        self.keep_alive = dialect.keep_alive
        self._dialect = dialect
        self._format = wire_format
        self._body = {name: value for name, value in body.items() if name in FIELDS[wire_format]}
        self._usage = usage
        self._frames: list[bytes] = []
        self._is_on = self._is_done = False
        self._frame: Callable[[SseEvent], bytes] = _named_frame if wire_format == "anthropic" else _frame

    def source(self, candidate: Candidate, request: ChatRequest) -> AsyncIterator[RunEvent]:
        adapter = adapter_for(candidate.config)
        self._frames.clear()
        self._is_on = isinstance(adapter, Forwarding) and adapter.forwards == self._format
        if not self._is_on:
            return adapter_stream(candidate, request)
        asked = replace(request, model=candidate.model)
        return adapter.forward(asked, self._body, self._tap)  # type: ignore[attr-defined, no-any-return]

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        if not self._is_on:
            return self._dialect.encode(event, seq)
        frames = b"".join(self._frames)
        self._frames.clear()
        if isinstance(event, events.Error):
            return frames + self._dialect.encode(event, seq)
        if isinstance(event, events.Finish) and self._format == "openai-chat" and not self._is_done:
            return frames + DONE
        return frames

    def _tap(self, event: SseEvent) -> None:
        if event.data == b"[DONE]":
            self._is_done = True
        elif not self._usage and b'"usage"' in event.data and _USAGE_ALONE.search(event.data):
            return
        self._frames.append(self._frame(event))


def forwarded(asked: Question, forward: Forward) -> Question:
    """The question on the fast path. A race is left out: several upstreams write at once there."""
    return replace(asked, source=forward.source)


def may_forward(asked: Question) -> bool:
    return (
        not asked.tools
        and asked.shelf is None
        and (asked.plan.strategy != "race" or len(asked.plan.candidates) == 1)
    )


def _frame(event: SseEvent) -> bytes:
    return data_line(event.data)


def _named_frame(event: SseEvent) -> bytes:
    return b"event: %b\n%b" % (event.name, data_line(event.data))
