"""Conversations under the names that other front ends give them: found again, or made."""

from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError

from chat.access import session_for
from chat.commands import CancelRun
from chat.errors import Invalid, NotFound
from chat.gateway.storing import Place, store
from chat.guard import Caller
from chat.models import ChatSession, Run
from chat.performing import cancel
from providers.contract import ChatRequest

LONGEST: Final = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class Thread:
    """`kind` is the front end's word for it."""

    caller: Caller
    kind: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


def session_of(thread: Thread) -> ChatSession | None:
    """A session of our own id, or the caller's that was made under this name; None where there is none."""
    if not thread.name or len(thread.name) > LONGEST:
        raise Invalid(f"An id has 1 to {LONGEST} characters.", field="id")
    owner = thread.caller.user
    found = ChatSession.objects.filter(owner_id=owner.pk, thread=thread.key).first()
    if found is not None:
        return found
    try:
        return session_for(owner, thread.name)
    except NotFound:
        return None


def store_in(thread: Thread, request: ChatRequest, client_id: str, agent: str = "") -> Run:
    """In the thread's session, which is made where there is none: once, however many say something first."""
    try:
        return _store_in(thread, request, client_id, agent)
    except IntegrityError:
        return _store_in(thread, request, client_id, agent)


def _store_in(thread: Thread, request: ChatRequest, client_id: str, agent: str) -> Run:
    session = session_of(thread)
    place = Place(
        session_id=str(session.id) if session else "",
        client_id=client_id,
        fields={"metadata": {thread.kind: thread.name}, "thread": thread.key},
        agent=agent,
    )
    return store(thread.caller, request, place)


def active_run(session: ChatSession | None) -> Run | None:
    if session is None:
        return None
    return session.runs.filter(status__in=Run.ACTIVE, parent=None).order_by("-id").first()


def stop(caller: Caller, session: ChatSession | None) -> bool:
    """False where nothing was going on."""
    run = active_run(session)
    if run is None:
        return False
    cancel(caller.user, CancelRun(run_id=str(run.id)))
    return True
