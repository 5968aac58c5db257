"""Conversations under the names that other front ends give them: found again, or made."""

from typing import Final

from chat.access import session_for, sessions_for
from chat.commands import CancelRun
from chat.errors import Invalid, NotFound
from chat.guard import Caller
from chat.models import ChatSession, Run
from chat.performing import cancel

LONGEST: Final = 200  # characters of a name


def session_named(caller: Caller, kind: str, name: str) -> ChatSession | None:
    """A session of our own id, or the caller's that was made under this name; None where there is none.
    `kind` is the door's key in the session's metadata."""
    if not name or len(name) > LONGEST:
        raise Invalid(f"An id has 1 to {LONGEST} characters.", field="id")
    mine = sessions_for(caller.user).filter(owner_id=caller.user.pk, **{f"metadata__{kind}": name})
    found = mine.order_by("id").first()
    if found is not None:
        return found
    try:
        return session_for(caller.user, name)
    except NotFound:
        return None


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
