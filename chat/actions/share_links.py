"""Making links that show a conversation, and taking them back."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from chat.access import Person, shown_messages
from chat.actions.audit import audit_append, audited
from chat.errors import Conflict, Invalid, NotFound
from chat.models import ChatSession, Message, Run, ShareLink
from chat.models.share_links import new_token, token_digest

LONGEST: Final = timedelta(days=365)
MOST: Final = 50  # links of one session that hold


def link_create(
    *, session: ChatSession, user: Person, expires_at: datetime, live: bool
) -> tuple[ShareLink, str]:
    """The link and its token, which nobody can read again. Raises Invalid and Conflict."""
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise Invalid(f"A link ends within {LONGEST.days} days.", field="expires_at")
    if session.share_links.filter(revoked_at=None, expires_at__gt=now).count() >= MOST:
        raise Conflict(f"A session has {MOST} links at most.", code="too_many_links")
    token = new_token()
    made: dict[str, Any] = {"creator_id": user.pk, "leaf_id": None if live else _leaf(session)}
    link = ShareLink.objects.create(
        session=session, digest=token_digest(token), expires_at=expires_at, **made
    )
    return link, token


@audited()
def link_revoke(*, session: ChatSession, link_id: Any) -> None:
    """Raises NotFound."""
    if not session.share_links.filter(id=link_id, revoked_at=None).update(revoked_at=timezone.now()):
        raise NotFound
    audit_append("share_link.revoked", link_id, session_id=str(session.id))


def shared_branch(link: ShareLink) -> list[Message]:
    """The messages that a link shows, the first one first."""
    rows: dict[UUID | None, Message] = {message.id: message for message in shown_messages(link.session)}
    at, branch = link.leaf_id or _live_leaf(link.session), []
    while at in rows:
        branch.append(rows[at])
        at = rows[at].parent_id
    return branch[::-1]


def _live_leaf(session: ChatSession) -> "UUID | None":
    return session.leaf.onward.id if session.leaf else None


def _leaf(session: ChatSession) -> Any:
    """Where the conversation stands; an answer that is being written is not shown half."""
    if session.leaf is None:
        raise Conflict("There is nothing to show yet.", code="empty_session")
    leaf = session.leaf.onward
    return leaf.parent_id if leaf.status in Run.ACTIVE else leaf.id
