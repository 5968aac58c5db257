"""Reading a stream over HTTP: server-sent events, newline-delimited JSON, or pages with a long poll.

`GET /api/runs/{id}/events/` and `GET /api/sessions/{id}/events/`. The position comes as `Last-Event-ID` or
`?after=`; the representation is chosen by `Accept`. `?dialect=` writes a run as another door would.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.access import run_for, session_for
from chat.db import in_database
from chat.dialects import native
from chat.dialects.contract import Dialect
from chat.dialects.framing import STREAM_HEADERS
from chat.dialects.registry import dialect_named, dialect_names
from chat.errors import Gone, Invalid
from chat.events import Entry
from chat.following import follow
from chat.guard import Caller, caller_of
from chat.log import last_seqs, read
from chat.methods import reads
from chat.models import Run
from chat.replaying import saved_entries
from chat.retelling import HEARTBEAT as HEARTBEAT
from chat.retelling import context_of, retell

PRUNED: Final = "The events are kept no longer: read from the beginning."
MAX_WAIT: Final = 60.0  # seconds of a long poll


@dataclass(frozen=True, slots=True)
class _Stream:
    """What is asked for, and by whom."""

    session_id: str
    name: str
    after: int
    caller: Caller

    def entries(self, quiet: float) -> AsyncGenerator[Entry | None, None]:
        return follow(self.session_id, self.name, self.after, quiet, self.caller)


@reads
async def run_events(request: HttpRequest, key: UUID) -> HttpResponseBase:
    caller = await in_database(caller_of, request)
    run = await in_database(run_for, caller.user, key)
    after = _after(request)
    if dialect := _dialect(request):
        return _retold(run, caller, dialect, after)
    if run.pruned:
        return await _respond_saved(request, run, after)
    if not run.is_active and after >= (await in_database(last_seqs, [run.stream])).get(run.stream, 0):
        return _nothing_more(request, after)
    return await _respond(request, _Stream(str(run.session_id), run.stream, after, caller))


def _retold(run: Run, caller: Caller, kind: type[Dialect], after: int) -> HttpResponseBase:
    """Without the end of the log in sight: what a dialect makes of the last events, only it knows."""
    if run.pruned and after:
        raise Gone(PRUNED, code="events_pruned")
    dialect = kind(context_of(run, include_usage=True))
    return streamed(retell(run, caller, dialect, after), dialect.content_type, dialect.headers)


def _dialect(request: HttpRequest) -> type[Dialect] | None:
    """None for our own events."""
    name = request.GET.get("dialect") or ("text" if "text/plain" in request.headers.get("Accept", "") else "")
    if name in ("", "native"):
        return None
    found = dialect_named(name)
    if found is None:
        known = ", ".join(["native", *dialect_names()])
        raise Invalid(f"There is no such dialect; there are: {known}.", field="dialect")
    return found


async def _respond_saved(request: HttpRequest, run: Run, after: int) -> HttpResponseBase:
    """The events are gone; who begins gets the saved answer, who was in the middle has to begin."""
    if after:
        raise Gone(PRUNED, code="events_pruned")
    entries = await in_database(lambda: saved_entries(run, run.message))
    accept = request.headers.get("Accept", "")
    if "text/event-stream" in accept:
        return streamed(_encoded(entries, native.sse), "text/event-stream")
    if "application/x-ndjson" in accept:
        return streamed(_encoded(entries, native.ndjson), "application/x-ndjson")
    return _page(list(entries), after)


async def _encoded(entries: Iterable[Entry], encode: Callable[[Entry], bytes]) -> AsyncIterator[bytes]:
    for entry in entries:
        yield encode(entry)


@reads
async def session_events(request: HttpRequest, key: UUID) -> HttpResponseBase:
    caller = await in_database(caller_of, request)
    session = await in_database(session_for, caller.user, key)
    if request.GET.get("dialect", "native") != "native":
        raise Invalid("Only the stream of a run can be read in another dialect.", field="dialect")
    return await _respond(request, _Stream(str(session.id), session.stream, _after(request), caller))


async def _respond(request: HttpRequest, stream: _Stream) -> HttpResponseBase:
    accept = request.headers.get("Accept", "")
    if "text/event-stream" in accept:
        return streamed(_sse(stream), "text/event-stream")
    if "application/x-ndjson" in accept:
        return streamed(_ndjson(stream), "application/x-ndjson")
    return _page(await _entries(stream, wait_of(request)), stream.after)


def _nothing_more(request: HttpRequest, after: int) -> HttpResponse:
    """204 tells an EventSource to stop asking."""
    if "text/event-stream" in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    return _page([], after, done=True)


def streamed(
    lines: AsyncIterator[bytes], content_type: str, headers: Mapping[str, str] = STREAM_HEADERS
) -> StreamingHttpResponse:
    return StreamingHttpResponse(lines, content_type=content_type, headers=dict(headers))


async def _sse(stream: _Stream) -> AsyncIterator[bytes]:
    async with aclosing(stream.entries(HEARTBEAT)) as entries:
        async for entry in entries:
            yield native.sse(entry) if entry else native.KEEP_ALIVE


async def _ndjson(stream: _Stream) -> AsyncIterator[bytes]:
    async with aclosing(stream.entries(HEARTBEAT)) as entries:
        async for entry in entries:
            if entry:
                yield native.ndjson(entry)


async def _entries(stream: _Stream, wait: float) -> list[Entry]:
    entries = await in_database(read, stream.name, stream.after)
    if entries or not wait:
        return entries
    async with aclosing(stream.entries(wait)) as coming:
        async for _ in coming:
            break
    return await in_database(read, stream.name, stream.after)


def _page(entries: list[Entry], after: int, *, done: bool = False) -> HttpResponse:
    """`position` is what to send as `after` next; `done` says that nothing more will come."""
    done = done or bool(entries and entries[-1].ends_run)
    position = entries[-1].seq if entries else after
    frames = ",".join(entry.frame for entry in entries)
    body = f'{{"events":[{frames}],"position":{position},"done":{"true" if done else "false"}}}'
    return HttpResponse(body, content_type="application/json")


def _after(request: HttpRequest) -> int:
    given = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Invalid("The position is a whole number, 0 or more.", field="after")
    return int(given)


def wait_of(request: HttpRequest) -> float:
    given = request.GET.get("wait") or "0"
    try:
        seconds = float(given)
    except ValueError:
        raise Invalid("The wait is a number of seconds.", field="wait") from None
    return min(max(seconds, 0.0), MAX_WAIT) if seconds == seconds else 0.0
