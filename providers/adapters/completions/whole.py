"""A `chat.completion` as the chunks of a stream."""

from collections.abc import Iterator, Mapping
from typing import Any

from providers.adapters.decoding import objects
from providers.adapters.wholes import Told


def chunks_of(whole: Mapping[str, Any]) -> Iterator[Told]:
    choices = [_choice(choice) for choice in objects(whole.get("choices"))]
    yield "", {**whole, "object": "chat.completion.chunk", "choices": choices}
    if choices:
        yield "", "[DONE]"


def _choice(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice.pop("message", None)
    delta = dict(message) if isinstance(message, dict) else {}
    if calls := objects(delta.get("tool_calls")):
        delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(calls)]
    return {**choice, "delta": delta}
