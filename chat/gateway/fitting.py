"""A stateless request as the model takes it that is asked: its files, and the form of its answer."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace

from chat.runner.fetching import with_bytes
from providers.adapters.turns import TEXT_TYPES
from providers.attempts import Source, adapter_stream
from providers.contract import ChatRequest
from providers.events import RunEvent
from providers.fitting import capabilities_of, fitted
from providers.forming import formed
from providers.models import ProviderModel
from providers.parts import MediaPart
from providers.routing import Candidate


def fitting(models: Mapping[str, ProviderModel]) -> Source:
    """How one candidate is asked; `models` are by `provider/model`. Raises UnsupportedContent."""

    async def source(candidate: Candidate, request: ChatRequest) -> AsyncIterator[RunEvent]:
        fit = _fit(candidate, request, models.get(candidate.ref))
        fit = await with_bytes(candidate.config.kind, fit)
        async with aclosing(adapter_stream(candidate, fit)) as stream:  # type: ignore[type-var]
            async for event in stream:
                yield event

    return source


def _fit(candidate: Candidate, request: ChatRequest, model: ProviderModel | None) -> ChatRequest:
    kind = candidate.config.kind
    told = None if model is None or model.capabilities is None else frozenset(model.capabilities)
    messages = fitted(request.messages, capabilities_of(kind, told), _text_of)
    return formed(replace(request, messages=messages), kind, told, as_is=True)


def _text_of(part: MediaPart) -> str | None:
    """Of a text that came with its bytes, which were checked to be base64; other files are kept nowhere and
    read by nobody here."""
    is_text = part.media_type.startswith("text/") or part.media_type in TEXT_TYPES
    return base64.b64decode(part.data).decode("utf-8", "replace") if is_text and part.data else None
