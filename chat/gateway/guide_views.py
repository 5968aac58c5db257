"""The streaming guide's door: `POST /api/streaming/chat` in every format and mode, and `compare`. Nothing is
kept."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

from chat.dialects.contract import Context, Dialect
from chat.dialects.plain_text import PlainText
from chat.dialects.streaming_guide import GuideNdjson, GuideSocket, GuideSse
from chat.errors import Invalid
from chat.event_views import streamed
from chat.gateway.answering import streamed_events
from chat.gateway.asking import Question
from chat.gateway.batching import batches
from chat.gateway.edge import OWN, any_caller, body_of, door, json_response
from chat.gateway.guide_request import (
    INTERLEAVED,
    GuideBody,
    Sourced,
    context_for,
    decoder,
    one_answer,
    questions,
    several_answers,
    together,
)
from chat.guard import Caller
from chat.retelling import HEARTBEAT
from providers.events import Error, Finish, RunEvent, TextDelta


class SocketLines(GuideSocket):
    """The WebSocket's frames over HTTP, one a line."""

    content_type = "application/x-ndjson"
    keep_alive = b""

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        frame = super().encode(event, seq)
        return frame + b"\n" if frame else b""


FORMATS: Final[dict[str, type[GuideSse | PlainText]]] = {
    "sse": GuideSse,
    "ndjson": GuideNdjson,
    "text": PlainText,
    "websocket": SocketLines,
}


@door(OWN, "POST", admit=any_caller)
async def chat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, decoder)
    kind = FORMATS.get(body.stream_format)
    if kind is None:
        raise Invalid(f"There is no such format; there are: {', '.join(FORMATS)}.", field="stream_format")
    if kind is PlainText and body.generator_mode == INTERLEAVED:
        raise Invalid("Plain text does not say who speaks.", field="stream_format")
    if body.generator_mode == INTERLEAVED:
        merged = await several_answers(body, caller)
        return streamed(_frames(merged, lambda name: kind(_context(name, body))), kind.content_type)
    return await streamed_events(await one_answer(body, caller), kind(_context("", body)))


@door(OWN, "POST", admit=any_caller)
async def compare(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Streams events that name their source, or (`stream: false`) gives each one's whole answer."""
    body = body_of(request, decoder)
    asked = await questions(body, caller, body.providers or [])
    merged = await together(asked)
    if body.stream is False:
        return json_response({"results": await _results(merged, asked)})
    return streamed(_frames(merged, lambda name: GuideSse(_context(name, body))), GuideSse.content_type)


def _context(source: str, body: GuideBody) -> Context:
    return context_for(source, body.session_id)


async def _frames(merged: Sourced, dialect_of: Callable[[str], Dialect]) -> AsyncIterator[bytes]:
    dialects: dict[str, Dialect] = {}
    quiet = dialect_of("").keep_alive
    async with aclosing(batches(merged, HEARTBEAT)) as told:
        async for batch in told:
            if not batch:
                yield quiet
            for name, event in batch:
                dialect = dialects[name] = dialects.get(name) or dialect_of(name)
                yield dialect.encode(event)


async def _results(merged: Sourced, asked: dict[str, Question]) -> dict[str, Any]:
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
