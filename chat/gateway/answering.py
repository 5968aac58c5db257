"""A stateless answer as a response: streamed in a dialect, or in one piece.

The status line waits for the first word of the upstream, so that what is refused is refused with its status.
A client that leaves cancels the view or closes the generator, and either closes the upstream.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from chat.dialects.contract import Dialect
from chat.dialects.encoding import Encoder
from chat.gateway.asking import Question, answer
from chat.gateway.batching import batches
from chat.gateway.edge import json_response
from chat.gateway.failing import failure_of
from chat.retelling import HEARTBEAT
from providers.events import Finish, FinishReason, RunEvent, Usage
from providers.folding import fold_all, merge_deltas
from providers.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """An answer in one piece."""

    parts: Parts
    reason: FinishReason
    usage: Usage | None
    cost: str | None = None


async def whole(asked: Question) -> Whole:
    """Raises ProviderError; an answer that broke off is none."""
    return await collected(answer(asked))


def answered(asked: Question, value: Any) -> HttpResponse:
    """A whole answer in its door's words."""
    response = json_response(value)
    for name, header in asked.headers.items():
        response[name] = header
    return response


async def collected(events: AsyncGenerator[RunEvent, None]) -> Whole:
    async with aclosing(events) as stream:
        return whole_of([event async for event in stream])


def whole_of(told: list[RunEvent]) -> Whole:
    parts = fold_all((), merge_deltas(told))
    end = told[-1] if told else None
    if isinstance(end, Finish):
        return Whole(parts=parts, reason=end.reason, usage=end.usage, cost=end.cost)
    raise failure_of(end)


async def streamed_answer(asked: Question, dialect: Dialect) -> StreamingHttpResponse:
    """Raises ProviderError while nothing was told."""
    response = await streamed_events(answer(asked), dialect)
    for name, value in asked.headers.items():
        response[name] = value
    return response


async def streamed_events(events: AsyncGenerator[RunEvent, None], dialect: Dialect) -> StreamingHttpResponse:
    try:
        first = await anext(events)
    except BaseException:
        await events.aclose()
        raise
    frames = _frames(events, first, dialect)
    return StreamingHttpResponse(frames, content_type=dialect.content_type, headers=dict(dialect.headers))


async def _frames(
    events: AsyncGenerator[RunEvent, None], first: RunEvent, dialect: Dialect
) -> AsyncIterator[bytes]:
    encoder = Encoder(dialect)
    async with aclosing(events):
        yield encoder.encode(first)
        async with aclosing(batches(events, HEARTBEAT)) as told:
            async for batch in told:
                frames = encoder.encode_all(batch) if batch else dialect.keep_alive
                if frames:
                    yield frames
