"""Keeping what somebody says of an answer."""

from typing import Annotated, Any

import msgspec

from chat.access import Person, message_for
from chat.errors import Invalid
from chat.models import Feedback

_Comment = Annotated[str, msgspec.Meta(max_length=10_000)]


class GivenFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """`message_id` is an answer that is kept here; `rating` is -100 to 100, as the front end means it."""

    rating: Annotated[int, msgspec.Meta(ge=-100, le=100)] | None = None
    comment: _Comment = ""
    message_id: str | None = None
    session_id: Annotated[str, msgspec.Meta(max_length=200)] = ""


def feedback_give(*, user: Person, given: GivenFeedback) -> Feedback:
    """Raises Invalid where nothing is said, NotFound for an answer that the person cannot see."""
    if given.rating is None and not given.comment.strip():
        raise Invalid("Feedback has a rating or a comment.", code="empty_feedback", field="rating")
    owned: dict[str, Any] = {"user_id": user.pk}
    return Feedback.objects.create(
        **owned,
        message=message_for(user, given.message_id) if given.message_id else None,
        session_name=given.session_id,
        rating=given.rating,
        comment=given.comment,
    )
