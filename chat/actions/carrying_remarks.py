"""Comments out of here and into here, with the conversation that they are about."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chat.access import Person, comments_of
from chat.carrying.conversation import Remark
from chat.models import ChatSession, Comment, Message


def remarks_of(session: ChatSession, numbers: Mapping[UUID, int]) -> tuple[Remark, ...]:
    """`numbers` are those of the messages in the export."""
    return tuple(
        Remark(
            message=numbers[row.message_id],
            text=row.text,
            author=row.author.get_username() if row.author else row.name,
            created_at=row.created_at,
        )
        for row in comments_of(session)
        if row.message_id in numbers
    )


def remarks_take(
    *, owner: Person, session: ChatSession, remarks: Sequence[Remark], rows: Sequence[Message]
) -> None:
    """The owner's own words stay the owner's; everybody else is named, not linked."""
    made = [
        Comment(
            session=session,
            message=rows[remark.message - 1],
            author_id=owner.pk if remark.author == owner.get_username() else None,
            name="" if remark.author == owner.get_username() else remark.author,
            text=remark.text,
        )
        for remark in remarks
    ]
    Comment.objects.bulk_create(made)
    for row, remark in zip(made, remarks, strict=True):
        row.created_at = remark.created_at or row.created_at
    Comment.objects.bulk_update(made, ["created_at"])
