"""Our request as the arguments of the SDK's `messages.create`."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from providers.contract import ChatMessage, ChatRequest
from providers.parts import Part, ReasoningPart, TextPart, text_of

DEFAULT_MOST_TOKENS: Final = 8192  # the API demands a limit
SAMPLING_VERSION: Final = "2023-06-01"  # the last API version that takes temperature and its like
SAMPLING_OPTIONS: Final = ("temperature", "top_p", "top_k")


def arguments(request: ChatRequest, *, version: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`version` is the API version that was set for this provider, empty for the SDK's own;
    `extra["body"]` holds fields that only this server knows."""
    options = request.options
    sampling = SAMPLING_OPTIONS if version == SAMPLING_VERSION else ()
    body = {**(extra.get("body") or {}), **{name: options[name] for name in sampling if name in options}}
    return {
        "model": request.model,
        "messages": _messages(request),
        "max_tokens": options.get("max_tokens") or DEFAULT_MOST_TOKENS,
        "stream": True,
        "extra_body": body or None,
        **_system(request),
        **_stop(options),
        **({"thinking": options["thinking"]} if "thinking" in options else {}),
    }


def _stop(options: Mapping[str, Any]) -> dict[str, Any]:
    stop = options.get("stop")
    if not stop:
        return {}
    return {"stop_sequences": [stop] if isinstance(stop, str) else stop}


def _system(request: ChatRequest) -> dict[str, str]:
    """The API has no system messages among the others: all of them go into the one at the top."""
    told = [request.system, *(text_of(m.parts) for m in request.messages if m.role == "system")]
    joined = "\n\n".join(filter(None, told))
    return {"system": joined} if joined else {}


def _messages(request: ChatRequest) -> list[dict[str, Any]]:
    """Neighbours of one role are joined, because not every server of this API takes them apart."""
    spoken = (m for m in request.messages if m.role in ("user", "assistant") and text_of(m.parts).strip())
    return [
        {"role": role, "content": [block for message in group for block in _blocks(message)]}
        for role, group in groupby(spoken, key=lambda message: message.role)
    ]


def _blocks(message: ChatMessage) -> Iterator[dict[str, str]]:
    for part in message.parts:
        block = _block(part, message.role)
        if block:
            yield block


def _block(part: Part, role: str) -> dict[str, str] | None:
    """Reasoning goes back only with its seal; without one the API refuses it."""
    match part:
        case TextPart(text=text) if text.strip():
            return {"type": "text", "text": text}
        case ReasoningPart(text=text, signature=signature) if signature and role == "assistant":
            return {"type": "thinking", "thinking": text, "signature": signature}
        case _:
            return None
