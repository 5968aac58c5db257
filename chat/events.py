"""Events of a session's structure, and how an event of any stream becomes a frame.

Run events live in `providers/events.py`; both kinds share the envelope that is put around them here.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from chat.models.runs import run_stream
from chat.models.sessions import session_stream
from providers.events import Event


class MessageAdded(Event, frozen=True):
    message: Mapping[str, Any]


class MessageUpdated(Event, frozen=True):
    message: Mapping[str, Any]


class RunAdded(Event, frozen=True):
    run: Mapping[str, Any]


class RunUpdated(Event, frozen=True):
    run: Mapping[str, Any]


class SessionUpdated(Event, frozen=True):
    session: Mapping[str, Any]


class MemberAdded(Event, frozen=True):
    member: Mapping[str, Any]


class MemberRemoved(Event, frozen=True):
    member: Mapping[str, Any]


class CommentAdded(Event, frozen=True):
    comment: Mapping[str, Any]


class CommentRemoved(Event, frozen=True):
    comment_id: str


class State(Event, frozen=True):
    """What programs keep with the session, all of it, at this version."""

    session_data: Mapping[str, Any]
    version: int


RUN_ENDS: Final = frozenset({"finish", "abort", "error"})


class Entry(msgspec.Struct, frozen=True):
    """One entry of a stream; `frame` is the JSON text that every reader gets."""

    stream: str
    seq: int
    type: str
    frame: str

    @property
    def ends_run(self) -> bool:
        return self.type in RUN_ENDS


class Batch(msgspec.Struct, frozen=True):
    """Consecutive entries of one stream (at least one): what is committed, sent and fanned out."""

    session_id: str
    entries: tuple[Entry, ...]

    @property
    def stream(self) -> str:
        return self.entries[0].stream

    @property
    def is_of_session(self) -> bool:
        """Not what a run writes, but who and what there is."""
        return self.stream.startswith("session:")

    @property
    def first(self) -> int:
        return self.entries[0].seq

    @property
    def last(self) -> int:
        return self.entries[-1].seq

    def after(self, seq: int) -> tuple[Entry, ...]:
        """The entries that follow `seq`."""
        return self.entries[max(0, seq + 1 - self.first) :]


class Envelope(msgspec.Struct, frozen=True):
    """What all frames of one stream have in common, written out once."""

    session_id: str
    stream: str
    head: str

    def seal(self, last_seq: int, events: Iterable[Event]) -> Batch:
        """Number and encode the events that follow `last_seq`."""
        now = int(time.time() * 1000)
        numbered = enumerate(events, last_seq + 1)
        return Batch(self.session_id, tuple(self._entry(seq, now, event) for seq, event in numbered))

    def _entry(self, seq: int, now: int, event: Event) -> Entry:
        body = msgspec.json.encode(event).decode()
        frame = _escaped(f'{self.head}"seq":{seq},"ts":{now},{body[1:]}')
        return Entry(self.stream, seq, event.type, frame)


def session_envelope(session_id: UUID) -> Envelope:
    stream = session_stream(session_id)
    return Envelope(str(session_id), stream, f'{{"stream":"{stream}","session_id":"{session_id}",')


def run_envelope(session_id: UUID, run_id: UUID, message_id: UUID, agent: str = "") -> Envelope:
    """`agent` is the name of who answers, letters and digits."""
    stream = run_stream(run_id)
    named = f'"agent":"{agent}",' if agent else ""
    place = f'"session_id":"{session_id}","run_id":"{run_id}","message_id":"{message_id}"'
    head = f'{{"stream":"{stream}",{place},{named}'
    return Envelope(str(session_id), stream, head)


def _escaped(frame: str) -> str:
    """Escape the three characters that some line readers take for line ends."""
    for character, escape in (("\u2028", "\\u2028"), ("\u2029", "\\u2029"), ("\x85", "\\u0085")):
        if character in frame:
            frame = frame.replace(character, escape)
    return frame
