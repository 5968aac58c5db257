"""The streaming guide's door: `POST /api/streaming/chat` in every format and mode, and `compare`. Nothing is
kept."""

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase

from chat.db import in_database
from chat.dialects.contract import Context, Dialect
from chat.dialects.plain_text import PlainText
from chat.dialects.streaming_guide import GuideNdjson, GuideSocket, GuideSse
from chat.errors import Invalid
from chat.event_views import streamed
from chat.gateway.answering import streamed_events
from chat.gateway.asking import Question, answer, question
from chat.gateway.chat_request import ChatBody, request_from
from chat.gateway.edge import OWN, any_caller, body_of, door, json_response
from chat.guard import Caller
from chat.pacing.merging import interleaved, prioritised
from chat.pacing.paces import BUFFER_SIZE, CHUNK_SIZE, FLUSH_INTERVAL, Settings
from chat.pacing.pacing import paced
from chat.pacing.registry import pace_named, pace_names
from providers.catalogue import available_models, default_model
from providers.events import Error, Finish, RunEvent, TextDelta

DOOR: Final = "streaming-guide"
MOST: Final = 8  # providers that are compared at once
PRIORITY: Final = "priority"


class SocketLines(GuideSocket):
    """The WebSocket's frames over HTTP, one a line."""

    content_type = "application/x-ndjson"
    keep_alive = b""

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        frame = super().encode(event, seq)
        return frame + b"\n" if frame else b""


FORMATS: Final[dict[str, type[Dialect]]] = {
    "sse": GuideSse,
    "ndjson": GuideNdjson,
    "text": PlainText,
    "websocket": SocketLines,
}


class GuideBody(ChatBody, kw_only=True):
    """Chat completions' fields, and the guide's. `model` may be left out: the provider's first."""

    model: str = ""
    provider_id: str = ""
    providers: list[str] | None = None
    session_id: str = ""
    stream_format: str = "sse"
    generator_mode: str = "standard"
    buffer_size: int = BUFFER_SIZE
    flush_interval: float = FLUSH_INTERVAL
    chunk_size: int = CHUNK_SIZE
    chunk_by: str = ""


_decoder: Final = msgspec.json.Decoder(GuideBody)


@door(OWN, "POST", admit=any_caller)
async def chat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, _decoder)
    asked = await _question(caller, body, body.provider_id)
    events = _at_pace(body, answer(asked))
    return await streamed_events(events, _dialect(body))


@door(OWN, "POST", admit=any_caller)
async def compare(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Streams events that name their source, or (`stream: false`) gives each one's whole answer."""
    body = body_of(request, _decoder)
    if not body.providers or len(body.providers) > MOST:
        raise Invalid(f"Name 1 to {MOST} providers.", field="providers")
    asked = {name: await _question(caller, body, name) for name in dict.fromkeys(body.providers)}
    merged = interleaved({name: answer(one) for name, one in asked.items()})
    if body.stream is False:
        return json_response({"results": await _results(merged, asked)})
    return streamed(
        _frames(merged, {name: GuideSse(_context(name)) for name in asked}), GuideSse.content_type
    )


async def _frames(
    merged: AsyncGenerator[tuple[str, RunEvent], None], dialects: dict[str, GuideSse]
) -> AsyncIterator[bytes]:
    async with aclosing(merged) as told:
        async for name, event in told:
            yield dialects[name].encode(event)


async def _results(
    merged: AsyncGenerator[tuple[str, RunEvent], None], asked: dict[str, Question]
) -> dict[str, Any]:
    results: dict[str, Any] = {name: {"content": "", "usage": None, "error": None} for name in asked}
    async with aclosing(merged) as told:
        async for name, event in told:
            match event:
                case TextDelta():
                    results[name]["content"] += event.delta
                case Finish():
                    results[name]["usage"] = event.usage
                case Error():
                    results[name]["error"] = {"code": event.code, "message": event.message}
    return results


def _at_pace(body: GuideBody, events: AsyncGenerator[RunEvent, None]) -> AsyncGenerator[RunEvent, None]:
    if body.generator_mode == PRIORITY:
        return prioritised(events)
    make = pace_named(body.generator_mode)
    if make is None:
        known = ", ".join([*pace_names(), PRIORITY])
        raise Invalid(f"There is no such mode; there are: {known}.", field="generator_mode")
    if body.buffer_size < 1 or body.chunk_size < 1 or not 0 < body.flush_interval <= 60:
        raise Invalid("Sizes are 1 or more, the interval is up to 60 seconds.", field="chunk_size")
    settings = Settings(
        buffer_size=body.buffer_size,
        flush_interval=body.flush_interval,
        chunk_size=body.chunk_size,
        chunk_by=body.chunk_by,
    )
    return paced(events, make(settings))


def _dialect(body: GuideBody) -> Dialect:
    kind = FORMATS.get(body.stream_format)
    if kind is None:
        raise Invalid(f"There is no such format; there are: {', '.join(FORMATS)}.", field="stream_format")
    return kind(_context("", body.session_id))


def _context(source: str, session_id: str = "") -> Context:
    options = {"source": source} if source else {}
    return Context(
        id=uuid.uuid4().hex, model="", created=int(time.time()), session_id=session_id, options=options
    )


async def _question(caller: Caller, body: GuideBody, provider: str) -> Question:
    model = await in_database(_model, body.model, provider)
    return await question(caller, request_from(msgspec.structs.replace(body, model=model)), DOOR)


def _model(model: str, provider: str) -> str:
    """`provider` may be a provider's id or a whole reference; without a model its first."""
    if "/" in provider:
        return provider
    if provider and model:
        return f"{provider}/{model.removeprefix(f'{provider}/')}"
    listed = (known["id"] for known in available_models() if known["provider"] == provider)
    return model or (next(listed, f"{provider}/") if provider else default_model())
