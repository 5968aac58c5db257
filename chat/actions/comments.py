"""Commenting on a message, and taking a comment away. Whoever looks at the session sees it at once."""

from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from chat.access import Person, shown_messages
from chat.errors import Conflict, Invalid, NotFound
from chat.events import CommentAdded, CommentRemoved
from chat.log import session_append
from chat.models import ChatSession, Comment, Message
from chat.wire import comment_json

MOST: Final = 500  # comments of one session: every snapshot has them all
LONGEST: Final = 2_000  # characters


def comment_add(
    *, user: Person, session: ChatSession, message_id: UUID | str | None, text: str, client_id: str
) -> tuple[Comment, bool]:
    """Of a message, without an id of the last one; and whether it is new. Idempotent on the author's
    `client_id`. Raises Invalid, NotFound and Conflict."""
    known = _known(user, client_id)
    if known is not None:
        return known, False
    message = _message(session, message_id)
    if session.comments.count() >= MOST:
        raise Conflict(f"A session has {MOST} comments at most.", code="too_many_comments")
    fields: dict[str, Any] = {
        "session": session,
        "message": message,
        "author_id": user.pk,
        "client_id": client_id,
    }
    try:
        with transaction.atomic():
            comment = Comment.objects.create(**fields, text=_checked(text))
            session_append(session.id, CommentAdded(comment=comment_json(comment)))
    except IntegrityError:
        known = _known(user, client_id)
        if known is None:
            raise
        return known, False
    return comment, True


@transaction.atomic
def comment_remove(*, comment: Comment) -> None:
    session_append(comment.session_id, CommentRemoved(comment_id=str(comment.id)))
    comment.delete()


def _known(user: Person, client_id: str) -> Comment | None:
    return Comment.objects.select_related("author").filter(author_id=user.pk, client_id=client_id).first()


def _checked(text: str) -> str:
    if not text.strip():
        raise Invalid("The comment is empty.", code="empty_comment", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"A comment has {LONGEST} characters at most.", field="text")
    return text


def _message(session: ChatSession, message_id: UUID | str | None) -> Message:
    """Raises NotFound."""
    try:
        wanted = UUID(str(message_id)) if message_id else session.leaf_id
    except ValueError:
        wanted = None
    found = shown_messages(session).filter(id=wanted).first() if wanted else None
    if found is None:
        raise NotFound("There is no such message in this session.", field="message_id")
    return found
