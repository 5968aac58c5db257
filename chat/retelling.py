"""A run in any dialect: its log encoded from the first event, what follows as it comes.

A dialect is a fold, so a reader who comes back is not sent what it has, but the encoder sees it all.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from chat.db import in_database
from chat.dialects.contract import Context, Dialect
from chat.dialects.encoding import Encoder, without_set_aside
from chat.events import Entry
from chat.following import follow
from chat.guard import Caller
from chat.log import PAGE, read
from chat.models import Run
from chat.replaying import saved_entries
from providers.events import RunEnd, RunEvent, decode_event

HEARTBEAT: Final = 15.0  # seconds of silence before a keep-alive

Told = tuple[int, RunEvent]


def context_of(run: Run, model: str = "", **options: Any) -> Context:
    """`model` is as the caller wrote it, where somebody asks just now."""
    return Context(
        id=run.id.hex,
        model=model or f"{run.provider}/{run.model}",
        created=int(run.created_at.timestamp()),
        run_id=str(run.id),
        session_id=str(run.session_id),
        message_id=str(run.message_id),
        options=options,
    )


async def retell(run: Run, caller: Caller, dialect: Dialect, after: int = 0) -> AsyncIterator[bytes]:
    """The frames of what follows `after`, to the run's end. Ends early as `follow` does."""
    encoder = Encoder(dialect)
    async with aclosing(events_of(run, caller, fresh=not after)) as told:
        async for item in told:
            if item is None:
                yield dialect.keep_alive
                continue
            frames = encoder.encode(item[1], item[0])
            if item[0] > after and frames:
                yield frames


async def events_of(run: Run, caller: Caller, *, fresh: bool = True) -> AsyncGenerator[Told | None, None]:
    """Numbered events from the first to the run's end, None after a silence. Who is `fresh` is not told what
    was set aside."""
    told = await logged_events(run, fresh=fresh)
    for item in told:
        yield item
    if told and isinstance(told[-1][1], RunEnd):
        return
    last = told[-1][0] if told else 0
    async with aclosing(follow(str(run.session_id), run.stream, last, HEARTBEAT, caller)) as entries:
        async for entry in entries:
            yield (entry.seq, decode_event(entry.frame)) if entry else None


async def logged_events(run: Run, *, fresh: bool = True) -> list[Told]:
    """What is in the log by now."""
    entries = await in_database(_logged, run)
    told = [(entry.seq, decode_event(entry.frame)) for entry in entries]
    return without_set_aside(told) if fresh else told


def _logged(run: Run) -> list[Entry]:
    if run.pruned:
        return list(saved_entries(run, run.message))
    logged: list[Entry] = []
    while page := read(run.stream, logged[-1].seq if logged else 0):
        logged += page
        if len(page) < PAGE:
            break
    return logged
