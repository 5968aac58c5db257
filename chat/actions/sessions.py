"""Making, changing and deleting sessions. Each action is one transaction; who may is decided before."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from chat import rows
from chat.access import Person
from chat.actions.audit import audited
from chat.actions.files import files_forget
from chat.errors import NotFound
from chat.events import SessionUpdated
from chat.log import session_append
from chat.models import ChatSession, StreamEvent
from chat.models.runs import run_stream
from chat.rights import refuse_bare_guest
from chat.wire import session_json

MARKS: Final = ("archived", "pinned")
PLACES: Final = {"folder"}  # that say where the list has it, as marks do


def session_create(*, owner: Person, **fields: Any) -> ChatSession:
    """Raises Forbidden for a guest who may use nothing."""
    refuse_bare_guest(owner)
    owned: dict[str, Any] = {"owner_id": owner.pk, **fields}
    return ChatSession.objects.create(**owned)


def session_locked(session: ChatSession) -> ChatSession:
    """The session's row as it is now, held until the caller's transaction ends. Raises NotFound."""
    row = rows.fetch(ChatSession, lock=True, id=session.id)
    if row is None:
        raise NotFound
    row.owner = session.owner
    return row


@transaction.atomic
def session_update(*, session: ChatSession, **fields: Any) -> ChatSession:
    """The session with these fields, and what others changed meanwhile: readers are told of all of it.
    `archived` and `pinned` are true or false; they and `folder` leave its place in time as it is.
    Raises NotFound for a `leaf_id` that is no message of this session."""
    session = session_locked(session)
    marks = {f"{name}_at": timezone.now() if fields.pop(name) else None for name in MARKS if name in fields}
    if "leaf_id" in fields and not session.messages.filter(id=fields["leaf_id"]).exists():
        raise NotFound("There is no such message in this session.", field="leaf_id")
    if "title" in fields:
        fields["titled_by"] = ChatSession.TitledBy.PERSON
    for name, value in (marks | fields).items():
        setattr(session, name, value)
    session.save(update_fields=[*marks, *fields, *(["updated_at"] if fields.keys() - PLACES else [])])
    session_append(session.id, SessionUpdated(session=session_json(session)))
    return session


@audited()
def session_delete(*, session: ChatSession) -> None:
    """Takes its messages, runs, events and files along."""
    files_forget(session.id)
    streams = [session.stream, *map(run_stream, session.runs.values_list("id", flat=True))]
    StreamEvent.objects.filter(stream__in=streams).delete()
    session.delete()
