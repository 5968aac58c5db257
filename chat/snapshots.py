"""The whole state of a session, in one frame or several, and the position to go on from.

The first frame is read in one moment: session, members, active runs, and the position. The further messages
of a long session are read page by page, so that neither memory nor a transaction grows with it. What changed
in between has a number above the position, comes again as an event, and replaces what the page said. Who
wants to show the end at once asks for the newest first: then the first frame is a small one.
"""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec
import orjson
from django.db.models import FilteredRelation, Q

from chat.access import Person, comments_of, session_for, sessions_for, shown_messages
from chat.actions.state import state_of
from chat.db import consistent_read
from chat.errors import NotFound
from chat.log import last_seqs, run_events
from chat.models import ChatSession, Message, Run
from chat.models.runs import run_stream
from chat.models.sessions import session_stream
from chat.wire import comment_json, member_json, message_json, run_json, session_json
from providers.events import Fallback, Progress, Retry, RunEvent
from providers.folding import fold_all
from providers.parts import parts_to_json, text_of

Position = dict[str, int]

FRAME_SIZE: Final = 512 * 1024  # bytes after which a frame ends
FIRST_SIZE: Final = 64 * 1024  # the first one's, newest first: some screens of messages
ROWS: Final = 100  # messages read at once


@dataclass(slots=True)
class Snapshot:
    """One frame of a snapshot; `next_frame` gives the one that follows while `more` is true."""

    session_id: str
    position: Position
    unfinished: dict[str, dict[str, Any]]  # by message: what active runs had written at the position
    newest_first: bool = False
    frame: str = ""
    more: bool = False
    _last: UUID | None = field(default=None)

    def fill(self, session: ChatSession, head: dict[str, Any]) -> None:
        """The next messages, and around them what `head` says."""
        messages: list[bytes] = []
        limit = FIRST_SIZE if self.newest_first and not self._last else FRAME_SIZE
        size, self.more = 0, True
        while self.more and size < limit:
            rows = self._rows(session)
            self.more = len(rows) == ROWS
            for count, row in enumerate(rows, 1):
                messages.append(orjson.dumps(self._shown(row)))
                size, self._last = size + len(messages[-1]), row.id
                if size >= limit:
                    self.more = self.more or count < len(rows)
                    break
        self.frame = _frame({"type": "snapshot", "session_id": self.session_id, **head}, messages, self.more)

    def _rows(self, session: ChatSession) -> list[Message]:
        order, beyond = ("-id", "id__lt") if self.newest_first else ("id", "id__gt")
        rows = shown_messages(session).order_by(order)
        return list((rows.filter(**{beyond: self._last}) if self._last else rows)[:ROWS])

    def _shown(self, row: Message) -> dict[str, Any]:
        """What an active run has written stands in the log only. If it ended since the position was taken,
        the row has the whole, and its events will find the message finished."""
        shown = message_json(row)
        if row.status in Run.ACTIVE:
            shown.update(self.unfinished.get(shown["id"], {}))
        return shown


def snapshot(user: Person, session_id: str, *, newest_first: bool = False) -> Snapshot:
    """The first frame. Raises NotFound."""
    with consistent_read():
        session = session_for(user, session_id)
        runs = list(session.runs.filter(status__in=Run.ACTIVE))
        written = {run: run_events(run.stream) for run in runs}
        position = {session.stream: session.last_seq, **{run.stream: len(written[run]) for run in runs}}
        content = {run: _content(written[run]) for run in runs}
        unfinished = {str(run.message_id): content[run] for run in runs}
        begun = Snapshot(session_id, position, unfinished, newest_first)
        head = {
            "session": session_json(session),
            "runs": [{**run_json(run), **_news(written[run]), **_lane(run, content[run])} for run in runs],
            "members": [member_json(row) for row in session.members.select_related("user")],
            "comments": [comment_json(row) for row in comments_of(session)],
            "state": state_of(session).as_json(),
            "position": position,
            **({"newest_first": True} if newest_first else {}),
        }
        begun.fill(session, head)
    return begun


def next_frame(user: Person, begun: Snapshot) -> None:
    """Raises NotFound."""
    begun.fill(session_for(user, begun.session_id), {})


def _content(written: list[RunEvent]) -> dict[str, Any]:
    parts = fold_all((), written)
    return {"parts": parts_to_json(parts), "text": text_of(parts)}


def _lane(run: Run, content: dict[str, Any]) -> dict[str, Any]:
    """What an agent has written for another run: its message is not among the session's."""
    return {"parts": content["parts"]} if run.parent_id else {}


def _news(written: list[RunEvent]) -> dict[str, Any]:
    """The last word on the way to an answer, while that holds: who opens the page now was not there."""
    last = written[-1] if written else None
    return {"news": msgspec.to_builtins(last)} if isinstance(last, Progress | Retry | Fallback) else {}


def _frame(head: dict[str, Any], messages: list[bytes], more: bool) -> str:
    """Written by hand around messages that are encoded already, so that none is held twice as objects."""
    start = orjson.dumps(head | ({"more": True} if more else {}))[:-1]
    return b"".join([start, b',"messages":[', b",".join(messages), b"]}"]).decode()


def resume_streams(user: Person, session_id: str, position: Position) -> Position | None:
    """The streams to go on with from a client's position, or None where only a snapshot helps.

    These are the session's own, those of active runs, and those that the client is in the middle of.
    Raises NotFound.
    """
    last_seq, active, known = _state_of(user, session_id, position)
    stream = session_stream(session_id)
    seen = position.get(stream)
    if seen is None or seen > last_seq:
        return None
    last = last_seqs(known)
    if any(seq > last.get(stream, 0) for stream, seq in known.items()):
        return None
    unfinished = {stream: seq for stream, seq in known.items() if seq < last.get(stream, 0)}
    return {stream: seen, **{run: known.get(run, 0) for run in active}, **unfinished}


def canonical_id(session_id: str) -> str:
    """As streams are named by it, however the caller wrote it. Raises NotFound."""
    try:
        return str(UUID(session_id))
    except ValueError:
        raise NotFound from None


def _state_of(user: Person, session_id: str, position: Position) -> tuple[int, list[str], Position]:
    """The session's last number, the streams of active runs, and the part of a position that speaks of runs
    of this session; whatever else it names is passed over. One query: a thousand may come back at once."""
    named = {id_ for stream in position if (id_ := _run_id(stream))}
    wanted = FilteredRelation("runs", condition=Q(runs__status__in=Run.ACTIVE) | Q(runs__id__in=named))
    session = sessions_for(user).filter(id=session_id).annotate(wanted=wanted)
    rows = list(session.values_list("last_seq", "wanted__id", "wanted__status"))
    if not rows:
        raise NotFound
    active = [run_stream(id_) for _, id_, status in rows if status in Run.ACTIVE]
    known = {run_stream(id_): position[run_stream(id_)] for _, id_, _ in rows if id_ in named}
    return rows[0][0], active, known


def _run_id(stream: str) -> UUID | None:
    """Of a stream that is named as those of runs are."""
    try:
        id_ = UUID(stream.removeprefix("run:"))
    except ValueError:
        return None
    return id_ if stream == run_stream(id_) else None
