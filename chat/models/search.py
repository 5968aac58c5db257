"""What search looks into: the folded text of every message, and of every session's title."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from uuid import UUID


class SearchText(models.Model):
    """`text` is folded (chat/fulltext.py); without a `message` it is the session's title. SQLite has an
    index of its trigrams beside it (`chat_searchtext_fts`, kept by triggers), PostgreSQL one on the column.

    No constraints in the database: the version before this one deletes sessions and knows nothing of it.
    """

    session = models.ForeignKey("ChatSession", models.CASCADE, related_name="+", db_constraint=False)
    message = models.OneToOneField(
        "Message", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    text = models.TextField()
    at = models.DateTimeField()  # when it was said

    session_id: "UUID"
    message_id: "UUID | None"

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"], name="search_title_once", condition=models.Q(message__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["session", "-at", "-id"], name="search_by_session")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.message_id}"
