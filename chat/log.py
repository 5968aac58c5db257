"""The log of streams, as rows: append under the caller's transaction, read from a position.

Nothing here decides what happens; it keeps order. The unique key (stream, seq) refuses a second writer.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from chat import rows
from chat.events import Batch, Entry, session_envelope
from chat.models import ChatSession, StreamEvent
from chat.models.sessions import session_stream
from chat.publishing import publish
from providers.events import Event, RunEvent, decode_event
from providers.folding import fold_all
from providers.parts import Parts

PAGE: Final = 1_000  # entries read at once
AT_ONCE: Final = 1_000  # entries inserted with one statement

# Written out: the ORM's way to the same statement costs several times what the database does.
_INSERT: Final = "INSERT INTO chat_streamevent (stream, seq, type, frame, created_at) VALUES "
_ROW: Final = "(%s, %s, %s, %s, %s)"


def append(batches: Iterable[Batch]) -> None:
    """Insert in the caller's transaction. Raises IntegrityError where somebody else wrote that number."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = [(e.stream, e.seq, e.type, e.frame, now) for batch in batches for e in batch.entries]
    with connection.cursor() as cursor:
        for start in range(0, len(values), AT_ONCE):
            piece = values[start : start + AT_ONCE]
            cursor.execute(_INSERT + ", ".join([_ROW] * len(piece)), list(chain.from_iterable(piece)))


def append_and_publish(batches: list[Batch]) -> None:
    """Log first, then show: in the caller's transaction, published once that is committed."""
    append(batches)
    transaction.on_commit(lambda: publish(batches))


def session_append(session_id: UUID, *events: Event) -> None:
    """Add to a session's stream in the caller's transaction."""
    append_and_publish([session_sealed(session_id, *events)])


def session_sealed(session_id: UUID, *events: Event) -> Batch:
    """The next entries of a session's stream, which the caller appends. From here on its transaction holds
    the session's row: that is what keeps the numbers gapless."""
    last = _advanced(session_id, len(events))
    return session_envelope(session_id).seal(last - len(events), events)


def session_write(session: ChatSession, fields: Iterable[str], *events: Event) -> None:
    """Fields of a session and the events that tell of them, where the caller's transaction holds its row."""
    session.last_seq += len(events)
    rows.update(session, *fields, "last_seq")
    append_and_publish([session_envelope(session.id).seal(session.last_seq - len(events), events)])


def _advanced(session_id: UUID, count: int) -> int:
    """The session's last number, after room was made for `count` more. SQLite and PostgreSQL both know
    RETURNING; the ORM does not."""
    table = ChatSession._meta
    key = table.pk.get_db_prep_value(session_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table.db_table} SET last_seq = last_seq + %s WHERE id = %s RETURNING last_seq",  # nosec B608 # noqa: S608 - our own table's name
            [count, key],
        )
        return int(cursor.fetchone()[0])


def read(stream: str, after: int = 0, limit: int = PAGE) -> list[Entry]:
    """The entries that follow `after`, in order."""
    found = StreamEvent.objects.filter(stream=stream, seq__gt=after).order_by("seq")
    return [Entry(stream, *row) for row in found.values_list("seq", "type", "frame")[:limit]]


def last_seqs(streams: Iterable[str]) -> Mapping[str, int]:
    """The number of the last entry of each stream that has one."""
    named = list(streams)
    sessions = [stream.removeprefix("session:") for stream in named if stream.startswith("session:")]
    kept = ChatSession.objects.filter(id__in=sessions).values_list("id", "last_seq")
    runs = [stream for stream in named if stream.startswith("run:")]
    found = StreamEvent.objects.filter(stream__in=runs).order_by().values_list("stream")
    return {
        **{session_stream(id_): seq for id_, seq in (kept if sessions else ())},
        **dict(found.annotate(last=Max("seq")) if runs else ()),
    }


def run_events(stream: str) -> list[RunEvent]:
    found = StreamEvent.objects.filter(stream=stream).order_by("seq")
    return [decode_event(frame) for frame in found.values_list("frame", flat=True)]


def folded(stream: str) -> tuple[Parts, int]:
    """What a run has written so far, and the number of the last entry that this includes."""
    events = run_events(stream)
    return fold_all((), events), len(events)
