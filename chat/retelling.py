"""A run in any dialect: its log encoded from the first event, what follows as it comes.

A dialect is a fold, so a reader who comes back is not sent what it has, but the encoder sees it all.
"""

from collections.abc import AsyncIterator
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
from providers.events import RunEvent, decode_event

HEARTBEAT: Final = 15.0  # seconds of silence before a keep-alive


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
    last = 0
    for seq, event in await _told(run, fresh=not after):
        frames = encoder.encode(event, seq)
        last = seq
        if seq > after and frames:
            yield frames
    if encoder.over:
        return
    async with aclosing(follow(str(run.session_id), run.stream, last, HEARTBEAT, caller)) as entries:
        async for entry in entries:
            if frames := _frames(encoder, dialect, entry, after):
                yield frames


def _frames(encoder: Encoder, dialect: Dialect, entry: Entry | None, after: int) -> bytes:
    if entry is None:
        return dialect.keep_alive
    frames = encoder.encode(decode_event(entry.frame), entry.seq)
    return frames if entry.seq > after else b""


async def _told(run: Run, *, fresh: bool) -> list[tuple[int, RunEvent]]:
    """What is in the log; for those who begin, without what was set aside."""
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
