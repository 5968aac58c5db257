"""The whole state of a session, in one frame or several, and the position to go on from.

The first frame is read in one moment: session, members, active runs, and the position. The further messages
of a long session are read page by page, so that neither memory nor a transaction grows with it. What changed
in between has a number above the position, comes again as an event, and replaces what the page said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from chat.access import Person, session_for
from chat.db import consistent_read
from chat.log import folded, last_seqs
from chat.models import ChatSession, Message, Run
from chat.models.runs import run_stream
from chat.wire import member_json, message_json, run_json, session_json
from providers.parts import parts_to_json, text_of

Position = dict[str, int]

FRAME_SIZE: Final = 512 * 1024  # bytes after which a frame ends
ROWS: Final = 100  # messages read at once


@dataclass(slots=True)
class Snapshot:
    """One frame of a snapshot; `next_frame` gives the one that follows while `more` is true."""

    session_id: str
    position: Position
    unfinished: dict[str, dict[str, Any]]  # by message: what active runs had written at the position
    frame: str = ""
    more: bool = False
    _last: UUID | None = field(default=None)

    def fill(self, session: ChatSession, head: dict[str, Any]) -> None:
        """The next messages, and around them what `head` says."""
        messages: list[bytes] = []
        size, self.more = 0, True
        while self.more and size < FRAME_SIZE:
            rows = self._rows(session)
            self.more = len(rows) == ROWS
            for count, row in enumerate(rows, 1):
                messages.append(orjson.dumps(self._shown(row)))
                size, self._last = size + len(messages[-1]), row.id
                if size >= FRAME_SIZE:
                    self.more = self.more or count < len(rows)
                    break
        self.frame = _frame({"type": "snapshot", "session_id": self.session_id, **head}, messages, self.more)

    def _rows(self, session: ChatSession) -> list[Message]:
        rows = session.messages.select_related("author", "run").order_by("id")
        return list((rows.filter(id__gt=self._last) if self._last else rows)[:ROWS])

    def _shown(self, row: Message) -> dict[str, Any]:
        """What an active run has written stands in the log only. If it ended since the position was taken,
        the row has the whole, and its events will find the message finished."""
        shown = message_json(row)
        if row.status in Run.ACTIVE:
            shown.update(self.unfinished.get(shown["id"], {}))
        return shown


def snapshot(user: Person, session_id: str) -> Snapshot:
    """The first frame. Raises NotFound."""
    with consistent_read():
        session = session_for(user, session_id)
        runs = list(session.runs.filter(status__in=Run.ACTIVE))
        position = {session.stream: session.last_seq}
        begun = Snapshot(session_id, position, _unfinished(runs, position))
        head = {
            "session": session_json(session),
            "runs": [run_json(run) for run in runs],
            "members": [member_json(row) for row in session.members.select_related("user")],
            "position": position,
        }
        begun.fill(session, head)
    return begun


def next_frame(user: Person, begun: Snapshot) -> None:
    """Raises NotFound."""
    begun.fill(session_for(user, begun.session_id), {})


def _unfinished(runs: Iterable[Run], position: Position) -> dict[str, dict[str, Any]]:
    """By message: what its active run has written so far. The position gets the runs' streams."""
    found = {}
    for run in runs:
        parts, position[run.stream] = folded(run.stream)
        found[str(run.message_id)] = {"parts": parts_to_json(parts), "text": text_of(parts)}
    return found


def _frame(head: dict[str, Any], messages: list[bytes], more: bool) -> str:
    """Written by hand around messages that are encoded already, so that none is held twice as objects."""
    start = orjson.dumps(head | ({"more": True} if more else {}))[:-1]
    return b"".join([start, b',"messages":[', b",".join(messages), b"]}"]).decode()


def resume_streams(user: Person, session_id: str, position: Position) -> Position | None:
    """The streams to go on with from a client's position, or None where only a snapshot helps.

    These are the session's own, those of active runs, and those that the client is in the middle of.
    Raises NotFound.
    """
    session = session_for(user, session_id)
    seen = position.get(session.stream)
    if seen is None or seen > session.last_seq:
        return None
    known = _runs_of(session, position)
    last = last_seqs(known)
    if any(seq > last.get(stream, 0) for stream, seq in known.items()):
        return None
    active = session.runs.filter(status__in=Run.ACTIVE).values_list("id", flat=True)
    unfinished = {stream: seq for stream, seq in known.items() if seq < last.get(stream, 0)}
    return {session.stream: seen, **{s: known.get(s, 0) for s in map(run_stream, active)}, **unfinished}


def _runs_of(session: ChatSession, position: Position) -> Position:
    """The part of a position that speaks of runs of this session; whatever else it names is passed over."""
    named = {stream.removeprefix("run:") for stream in position if stream.startswith("run:")}
    ids = [str(id_) for id_ in session.runs.values_list("id", flat=True) if str(id_) in named]
    return {run_stream(id_): position[run_stream(id_)] for id_ in ids}
