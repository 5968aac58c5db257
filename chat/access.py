"""Who may see and change what. One function per object decides, and what is not yours is not there."""

from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import rows
from chat.errors import Forbidden, NotFound
from chat.models import ChatSession, Comment, File, Memory, Message, Prompt, Run, SessionMember, ShareLink
from chat.models.share_links import token_digest

Person: TypeAlias = User | AnonymousUser
COMMENTERS: Final = (SessionMember.Role.COMMENTER, SessionMember.Role.DRIVER)
_Row = TypeVar("_Row", ChatSession, Comment, File, Memory, Message, Prompt, Run)


def sessions_for(user: Person) -> QuerySet[ChatSession]:
    """The sessions that this person may read."""
    if not user.is_authenticated or not user.is_active:
        return ChatSession.objects.none()
    mine = Q(owner_id=user.pk) | Q(
        id__in=SessionMember.objects.filter(Q(user_id=user.pk)).values("session_id")
    )
    return ChatSession.objects.filter(mine).select_related("owner")


def listed_sessions(user: Person) -> QuerySet[ChatSession]:
    """Those that lists show."""
    return sessions_for(user).filter(temporary=False)


def answered_now() -> QuerySet[Any]:
    """The ids of the sessions with an answer that goes on, of all people."""
    return Run.objects.filter(status__in=Run.ACTIVE, kind=Run.Kind.ANSWER).values("session_id")


def session_for(user: Person, session_id: Any) -> ChatSession:
    return _own_session(user, session_id) or _one(sessions_for(user), session_id)


def _own_session(user: Person, session_id: Any) -> ChatSession | None:
    """The usual case, which everything that is sent goes through, without its own long query."""
    if not user.is_authenticated or not user.is_active:
        return None
    session = rows.fetch(ChatSession, id=_uuid(session_id), owner=user.pk)
    if session:
        session.owner = user
    return session


def session_to_drive(user: Person, session_id: Any) -> ChatSession:
    """A session that this person may send to. Forbidden for those who may only look on."""
    session = session_for(user, session_id)
    if session.owner_id != user.pk and not _is_member(session, user, SessionMember.Role.DRIVER):
        raise Forbidden
    return session


def session_to_own(user: Person, session_id: Any) -> ChatSession:
    session = session_for(user, session_id)
    if session.owner_id != user.pk:
        raise Forbidden
    return session


def session_to_leave(user: Person, session_id: Any, leaver: Any) -> ChatSession:
    """A session that this person may show somebody out of: the owner anybody, everybody else themselves."""
    session = session_for(user, session_id)
    if session.owner_id != user.pk and leaver != user.pk:
        raise Forbidden
    return session


def session_to_comment(user: Person, session_id: Any) -> ChatSession:
    """A session where this person may say something that no model answers. Forbidden for viewers."""
    session = session_for(user, session_id)
    if session.owner_id != user.pk and not _is_member(session, user, *COMMENTERS):
        raise Forbidden
    return session


def comments_of(session: ChatSession) -> QuerySet[Comment]:
    return session.comments.select_related("author")


def comment_to_remove(user: Person, session_id: Any, comment_id: Any) -> Comment:
    """One's own, or any of one's own session. Forbidden for others who see it."""
    session = session_for(user, session_id)
    comment = _one(comments_of(session), comment_id)
    if user.pk not in (comment.author_id, session.owner_id):
        raise Forbidden
    return comment


def messages_for(user: Person) -> QuerySet[Message]:
    return Message.objects.filter(session__in=sessions_for(user)).select_related("author", "run")


def shown_messages(session: ChatSession) -> QuerySet[Message]:
    """A session's, without what agents wrote for a workflow's answer."""
    return session.messages.filter(run__parent=None).select_related("author", "run")


def message_for(user: Person, message_id: Any) -> Message:
    return _one(messages_for(user), message_id)


def runs_for(user: Person) -> QuerySet[Run]:
    return Run.objects.filter(session__in=sessions_for(user))


def run_for(user: Person, run_id: Any) -> Run:
    return _one(runs_for(user), run_id)


def files_for(user: Person) -> QuerySet[File]:
    """A person's own files, and those of the sessions that this person may read."""
    if not user.is_authenticated or not user.is_active:
        return File.objects.none()
    mine = Q(owner_id=user.pk) | Q(session_id__in=sessions_for(user).values("id"))
    return File.objects.filter(mine, status=File.Status.READY)


def file_for(user: Person, file_id: Any) -> File:
    return _one(files_for(user), file_id)


def file_to_own(user: Person, file_id: Any) -> File:
    file = file_for(user, file_id)
    if file.owner_id != user.pk:
        raise Forbidden
    return file


def memories_for(user: Person) -> QuerySet[Memory]:
    """A person's own, and nobody else's: not an administrator's either."""
    if not user.is_authenticated or not user.is_active:
        return Memory.objects.none()
    return Memory.objects.filter(user_id=user.pk)


def memory_for(user: Person, memory_id: Any) -> Memory:
    return _one(memories_for(user), memory_id)


def prompts_for(user: Person) -> QuerySet[Prompt]:
    """Those that this person saved. Nobody else uses them."""
    if not user.is_authenticated or not user.is_active:
        return Prompt.objects.none()
    return Prompt.objects.filter(user_id=user.pk)


def prompt_for(user: Person, prompt_id: Any) -> Prompt:
    return _one(prompts_for(user), prompt_id)


def link_for(token: str) -> ShareLink:
    """What a share link leads to, while it holds and its session's owner may sign in. Raises NotFound."""
    holds = ShareLink.objects.filter(
        digest=token_digest(token), revoked_at=None, expires_at__gt=timezone.now()
    )
    link = holds.select_related("session__owner").filter(session__owner__is_active=True).first()
    if link is None:
        raise NotFound("This link does not work, or does not work any more.")
    return link


def _is_member(session: ChatSession, user: Person, *roles: str) -> bool:
    return session.members.filter(Q(user_id=user.pk), role__in=roles).exists()


def _one(found: QuerySet[_Row], key: Any) -> _Row:
    row = found.filter(id=_uuid(key)).first()
    if row is None:
        raise NotFound
    return row


def _uuid(key: Any) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise NotFound from None
