"""Our request as the arguments of the SDK's `chat.completions.create`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from providers.contract import ChatMessage, ChatRequest
from providers.parts import text_of

KNOWN_OPTIONS: Final = (
    "max_completion_tokens",
    "temperature",
    "top_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "verbosity",
    "response_format",
    "logit_bias",
    "service_tier",
)
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def arguments(request: ChatRequest, *, own: bool, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`own` is true for the vendor's own address, `extra["body"]` holds fields of this server alone."""
    options = {name: request.options[name] for name in KNOWN_OPTIONS if name in request.options}
    return {
        "model": request.model,
        "messages": _messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        "extra_body": extra.get("body"),
        **_most_tokens(request.options, own),
        **options,
    }


def _most_tokens(options: Mapping[str, Any], own: bool) -> dict[str, Any]:
    """The vendor's newer models refuse the old name, servers by others know only that one."""
    if "max_tokens" not in options:
        return {}
    return {"max_completion_tokens" if own else "max_tokens": options["max_tokens"]}


def _messages(request: ChatRequest) -> list[dict[str, Any]]:
    system = [{"role": "system", "content": request.system}] if request.system else []
    return system + [_message(message) for message in request.messages if _has_words(message)]


def _has_words(message: ChatMessage) -> bool:
    return message.role != "tool" and bool(text_of(message.parts))


def _message(message: ChatMessage) -> dict[str, Any]:
    named = {"name": message.name} if _NAME.fullmatch(message.name) else {}
    return {"role": message.role, "content": text_of(message.parts), **named}
