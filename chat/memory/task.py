"""What a run in the background asks: a request, and what has to be known again when its answer is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.contract import ChatMessage, ChatRequest
from providers.parts import TextPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`context` is JSON, kept with the run."""

    request: ChatRequest
    context: Mapping[str, Any] = field(default_factory=dict)


def asked(system: str, text: str, **options: Any) -> ChatRequest:
    """One question. Its model is whoever the run's plan names."""
    message = ChatMessage(role="user", parts=(TextPart(text=text),))
    return ChatRequest(model="", system=system, messages=(message,), options=options)
