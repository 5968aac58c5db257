"""A conversation in the order that every vendor's API asks for.

Each call of a tool is followed by exactly one result, and nothing is empty.

Our messages may be otherwise: one assistant message holds several steps, a run that broke off leaves a call
without its result, a shortened history a result without its call.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from providers.adapters.calls import NO_ARGUMENTS, tool_input
from providers.contract import ChatMessage, ChatRequest, Role
from providers.parts import (
    AudioPart,
    FilePart,
    ImagePart,
    MediaPart,
    Part,
    Parts,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    VideoPart,
)

NOT_RUN: Final = "This tool was not run."
TEXT_TYPES: Final = frozenset({"application/json", "application/xml", "application/yaml", "application/csv"})
_KINDS: Final = {"image": ImagePart, "audio": AudioPart, "video": VideoPart, "file": FilePart}


@dataclass(frozen=True, slots=True)
class Turn:
    """`assistant` parts are reasoning, text, media and calls; a `tool` turn holds the results of the calls
    of the turn before it, in their order; the others hold text and media."""

    role: Role
    parts: Parts
    name: str = ""

    @property
    def calls(self) -> list[ToolCallPart]:
        return [part for part in self.parts if isinstance(part, ToolCallPart)]

    @property
    def results(self) -> list[ToolResultPart]:
        return [part for part in self.parts if isinstance(part, ToolResultPart)]


def turns(request: ChatRequest) -> list[Turn]:
    """Calls that a provider ran by itself are left out: only that provider knows what they were."""
    results = _results(request.messages)
    return [turn for message in request.messages for turn in _turns_of(message, results)]


def call_ids(request: ChatRequest) -> set[str]:
    """The ids of calls that this conversation has used."""
    return {p.id for m in request.messages for p in m.parts if isinstance(p, ToolCallPart)}


def input_of(call: ToolCallPart) -> dict[str, Any]:
    """The arguments of a call as an object; empty where the model wrote something else."""
    return tool_input(call.arguments)[0] or {}


def arguments_of(call: ToolCallPart) -> str:
    """The arguments as the model wrote them, if they are an object: some servers fail on other text."""
    return call.arguments if tool_input(call.arguments)[0] is not None else NO_ARGUMENTS


def result_text(result: ToolResultPart) -> str:
    if result.error or result.code:
        return result.error or result.code
    return result.output if isinstance(result.output, str) else json.dumps(result.output, ensure_ascii=False)


def inlined(part: MediaPart) -> str:
    """A part as text: the words of a text file, otherwise a line that says what could not be given."""
    kind = next(name for name, cls in _KINDS.items() if isinstance(part, cls))
    words = _words(part)
    if words is not None:
        return f"{part.name or kind}:\n{words}"
    named = " ".join(filter(None, (kind, part.name or part.media_type, part.url)))
    return f"[{named}]"


def data_url(part: MediaPart) -> str:
    """The part's bytes or address as a URL; empty where it has neither."""
    if part.data:
        return f"data:{part.media_type or 'application/octet-stream'};base64,{part.data}"
    return part.url


def _words(part: MediaPart) -> str | None:
    is_text = part.media_type.startswith("text/") or part.media_type in TEXT_TYPES
    if not (is_text and part.data):
        return None
    try:
        return base64.b64decode(part.data).decode("utf-8", "replace")
    except binascii.Error:
        return None


def _results(messages: Iterable[ChatMessage]) -> dict[str, ToolResultPart]:
    return {part.id: part for m in messages for part in m.parts if isinstance(part, ToolResultPart)}


def _turns_of(message: ChatMessage, results: dict[str, ToolResultPart]) -> Iterator[Turn]:
    """A message's steps: what the model said and called, the results, what it said then."""
    if message.role != "assistant":
        spoken = tuple(part for part in message.parts if _is_spoken(part))
        return iter([Turn(message.role, spoken, message.name)] if spoken and message.role != "tool" else [])
    return _steps(message, results)


def _steps(message: ChatMessage, results: dict[str, ToolResultPart]) -> Iterator[Turn]:
    step: list[Part] = []
    answered = False
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            answered = True
            continue
        if answered:
            yield from _step(message, step, results)
            step, answered = [], False
        if _is_spoken(part) or isinstance(part, ReasoningPart) or _is_ours(part):
            step.append(part)
    yield from _step(message, step, results)


def _step(message: ChatMessage, parts: list[Part], results: dict[str, ToolResultPart]) -> Iterator[Turn]:
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    if calls or any(_is_spoken(part) for part in parts):
        yield Turn("assistant", tuple(parts), message.name)
    if calls:
        missing = (results.get(c.id) or ToolResultPart(id=c.id, error=NOT_RUN) for c in calls)
        yield Turn("tool", tuple(missing))


def _is_spoken(part: Part) -> bool:
    return isinstance(part, MediaPart) or (isinstance(part, TextPart) and bool(part.text))


def _is_ours(part: Part) -> bool:
    return isinstance(part, ToolCallPart) and part.executor != "provider"
