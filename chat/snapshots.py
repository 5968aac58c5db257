"""The whole state of a session at one moment, and the position that it includes."""

from typing import Any

from chat.access import Person, session_for
from chat.db import consistent_read
from chat.log import folded, last_seqs
from chat.models import ChatSession, Run
from chat.models.runs import run_stream
from chat.wire import member_json, message_json, run_json, session_json
from providers.parts import parts_to_json, text_of

Position = dict[str, int]


def snapshot(user: Person, session_id: str) -> dict[str, Any]:
    """Raises NotFound."""
    with consistent_read():
        session = session_for(user, session_id)
        runs = list(session.runs.filter(status__in=Run.ACTIVE))
        position = {session.stream: session.last_seq}
        messages = [message_json(row) for row in session.messages.select_related("author", "run")]
        _add_unfinished(messages, runs, position)
        members = [member_json(row) for row in session.members.select_related("user")]
    return {
        "type": "snapshot",
        "session_id": str(session.id),
        "session": session_json(session),
        "messages": messages,
        "runs": [run_json(run) for run in runs],
        "members": members,
        "position": position,
    }


def _add_unfinished(messages: list[dict[str, Any]], runs: list[Run], position: Position) -> None:
    """What active runs have written so far stands in the log only."""
    by_id = {message["id"]: message for message in messages}
    for run in runs:
        parts, seq = folded(run.stream)
        position[run.stream] = seq
        by_id[str(run.message_id)].update(parts=parts_to_json(parts), text=text_of(parts))


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
    unfinished = {stream: seq for stream, seq in known.items() if seq < last[stream]}
    return {session.stream: seen, **{s: known.get(s, 0) for s in map(run_stream, active)}, **unfinished}


def _runs_of(session: ChatSession, position: Position) -> Position:
    """The part of a position that speaks of runs of this session; whatever else it names is passed over."""
    named = {stream.removeprefix("run:") for stream in position if stream.startswith("run:")}
    ids = [str(id_) for id_ in session.runs.values_list("id", flat=True) if str(id_) in named]
    return {run_stream(id_): position[run_stream(id_)] for id_ in ids}
