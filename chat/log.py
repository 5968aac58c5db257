"""The log of streams, as rows: append under the caller's transaction, read from a position.

Nothing here decides what happens; it keeps order. The unique key (stream, seq) refuses a second writer.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from chat.events import Batch, Entry, session_envelope
from chat.models import ChatSession, StreamEvent
from chat.models.sessions import session_stream
from chat.publishing import publish
from providers.events import Event, RunEvent, decode_event
from providers.folding import fold_all
from providers.parts import Parts

PAGE = 1_000  # entries read at once


def append(batches: Iterable[Batch]) -> None:
    """Insert in the caller's transaction. Raises IntegrityError where somebody else wrote that number."""
    StreamEvent.objects.bulk_create(
        StreamEvent(stream=entry.stream, seq=entry.seq, type=entry.type, frame=entry.frame)
        for batch in batches
        for entry in batch.entries
    )


def append_and_publish(batches: list[Batch]) -> None:
    """Log first, then show: in the caller's transaction, published once that is committed."""
    append(batches)
    transaction.on_commit(lambda: publish(batches))


def session_append(session_id: UUID, *events: Event) -> None:
    """Add to a session's stream in the caller's transaction, which then holds the session's row lock: that
    is what keeps the numbers gapless."""
    last = _advanced(session_id, len(events))
    append_and_publish([session_envelope(session_id).seal(last - len(events), events)])


def _advanced(session_id: UUID, count: int) -> int:
    """The session's last number, after room was made for `count` more. SQLite and PostgreSQL both know
    RETURNING; the ORM does not."""
    table = ChatSession._meta
    key = table.pk.get_db_prep_value(session_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table.db_table} SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq",  # noqa: S608 - our own table's name
            [count, key],
        )
        return int(cursor.fetchone()[0])


def read(stream: str, after: int = 0, limit: int = PAGE) -> list[Entry]:
    """The entries that follow `after`, in order."""
    rows = StreamEvent.objects.filter(stream=stream, seq__gt=after).order_by("seq")
    return [Entry(stream, *row) for row in rows.values_list("seq", "type", "frame")[:limit]]


def last_seqs(streams: Iterable[str]) -> Mapping[str, int]:
    """The number of the last entry of each stream that has one."""
    named = list(streams)
    sessions = [stream.removeprefix("session:") for stream in named if stream.startswith("session:")]
    kept = ChatSession.objects.filter(id__in=sessions).values_list("id", "last_seq")
    runs = [stream for stream in named if stream.startswith("run:")]
    rows = StreamEvent.objects.filter(stream__in=runs).order_by().values_list("stream")
    return {
        **{session_stream(id_): seq for id_, seq in (kept if sessions else ())},
        **dict(rows.annotate(last=Max("seq")) if runs else ()),
    }


def run_events(stream: str) -> list[RunEvent]:
    rows = StreamEvent.objects.filter(stream=stream).order_by("seq")
    return [decode_event(frame) for frame in rows.values_list("frame", flat=True)]


def folded(stream: str) -> tuple[Parts, int]:
    """What a run has written so far, and the number of the last entry that this includes."""
    events = run_events(stream)
    return fold_all((), events), len(events)
