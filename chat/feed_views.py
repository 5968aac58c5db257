"""A session and its runs over plain HTTP, for clients whose WebSocket a proxy stops.

`GET /api/sessions/{id}/feed/?position=` carries the same frames as the socket does after `subscribe`: a
snapshot where the position is absent or too old (`?newest_first=true`, as there), then the events. As
server-sent events, or (`Accept: application/json`) in pages with a long poll. Commands go to `POST
/api/commands/`.
"""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final
from uuid import UUID

import msgspec
import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from chat.access import session_for
from chat.commands import Position
from chat.db import in_database
from chat.dialects import native
from chat.errors import Invalid, NotFound
from chat.event_views import HEARTBEAT, streamed, wait_of
from chat.following import feed
from chat.guard import Caller, caller_of
from chat.methods import reads
from chat.snapshots import next_frame, resume_streams, snapshot

OPEN: Final = b": open\n\n"  # at once: who does not see it is behind a proxy that holds streams back
LINGER: Final = 0.1  # seconds that a page waits for more, once it has something
PAGE_SIZE: Final = 256 * 1024  # characters after which a page ends


@reads
async def session_feed(request: HttpRequest, key: UUID) -> HttpResponseBase:
    caller = await in_database(caller_of, request)
    session_id = str((await in_database(session_for, caller.user, key)).id)
    known = _position(request)
    position = await in_database(resume_streams, caller.user, session_id, known) if known else None
    newest_first = _newest_first(request)
    if "text/event-stream" in request.headers.get("Accept", ""):
        return streamed(_sse(caller, session_id, position, newest_first), "text/event-stream")
    if position is None:
        return _page([frame async for frame, _ in _snapshot(caller, session_id, newest_first)])
    return _page(await _news(caller, session_id, position, wait_of(request)))


async def _sse(
    caller: Caller, session_id: str, position: Position | None, newest_first: bool
) -> AsyncIterator[bytes]:
    yield OPEN
    start = position or {}
    if position is None:
        try:
            async for frame, taken in _snapshot(caller, session_id, newest_first):
                start = taken
                yield _line(frame)
        except NotFound:  # it may be read no longer: who asks again hears so
            return
    async with aclosing(feed(session_id, start, HEARTBEAT, caller, stays=True)) as entries:
        async for entry in entries:
            yield _line(entry.frame) if entry else native.KEEP_ALIVE


async def _snapshot(
    caller: Caller, session_id: str, newest_first: bool
) -> AsyncIterator[tuple[str, Position]]:
    """Its frames, each with the position to go on from after the last."""
    state = await in_database(snapshot, caller.user, session_id, newest_first=newest_first)
    yield state.frame, state.position
    while state.more:
        await in_database(next_frame, caller.user, state)
        yield state.frame, state.position


async def _news(caller: Caller, session_id: str, position: Position, wait: float) -> list[str]:
    """What comes after the position, as soon as there is something; nothing after `wait` seconds."""
    frames: list[str] = []
    size = 0
    until = time.monotonic() + wait
    async with aclosing(feed(session_id, position, LINGER, caller)) as entries:
        async for entry in entries:
            if entry:
                frames.append(entry.frame)
                size += len(entry.frame)
            elif frames or time.monotonic() >= until:
                break
            if size > PAGE_SIZE:
                break
    return frames


def _line(frame: str) -> bytes:
    """Without an `id:`: the position of a session is more than one number, and the client keeps it."""
    return f"data: {frame}\n\n".encode()


def _page(frames: list[str]) -> HttpResponse:
    return HttpResponse(f'{{"frames":[{",".join(frames)}]}}', content_type="application/json")


def _position(request: HttpRequest) -> Position | None:
    """Raises Invalid."""
    try:
        given = orjson.loads(request.GET.get("position") or "null")
        return msgspec.convert(given, Position | None)
    except (orjson.JSONDecodeError, msgspec.ValidationError):
        raise Invalid("The position is a JSON object of streams and numbers.", field="position") from None


def _newest_first(request: HttpRequest) -> bool:
    """Raises Invalid."""
    given = request.GET.get("newest_first") or "false"
    if given not in ("true", "false"):
        raise Invalid("It is true or false.", field="newest_first")
    return given == "true"
