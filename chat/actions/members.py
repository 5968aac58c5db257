"""Letting people into a session, changing what they may do there, and showing them out."""

from typing import Any, Final

from django.contrib.auth import get_user_model

from chat.actions.audit import audited
from chat.errors import Conflict, Invalid, NotFound
from chat.events import MemberAdded, MemberRemoved
from chat.log import session_append
from chat.models import ChatSession, SessionMember
from chat.wire import member_json

MOST: Final = 100  # members of one session


@audited()
def member_add(*, session: ChatSession, username: str, role: str) -> SessionMember:
    """Or give a member this role. Raises Invalid for a name that nobody has, and for the owner's own."""
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid("There is nobody with this username.", code="unknown_user", field="username")
    if user.pk == session.owner_id:
        raise Invalid("The session is this person's own.", code="is_owner", field="username")
    others = session.members.exclude(user_id=user.pk)
    if others.count() >= MOST:
        raise Conflict(f"A session has {MOST} members at most.", code="too_many_members")
    return _given(session, user.pk, role)


@audited()
def member_change(*, session: ChatSession, user_id: str, role: str) -> SessionMember:
    """Raises NotFound."""
    return _given(session, _member(session, user_id).user_id, role)


@audited()
def member_remove(*, session: ChatSession, user_id: str) -> None:
    """Whatever is open ends at once: every process hears the event (chat/guard.py). Raises NotFound."""
    member = _member(session, user_id)
    session_append(session.id, MemberRemoved(member=member_json(member)))
    member.delete()


def _given(session: ChatSession, user_id: Any, role: str) -> SessionMember:
    member, _ = SessionMember.objects.update_or_create(
        session=session, user_id=user_id, defaults={"role": role}
    )
    session_append(session.id, MemberAdded(member=member_json(member)))
    return member


def _member(session: ChatSession, user_id: str) -> SessionMember:
    member = session.members.select_related("user").filter(user__pk=user_id).first()
    if member is None:
        raise NotFound
    return member
