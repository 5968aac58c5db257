"""What people say of a message to each other: no turn of the conversation, and no model reads it."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class Comment(models.Model):
    """`name` is who said it where that is nobody here: in what was imported. `client_id` is the caller's own
    name for it; with the author it is unique."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No constraints: the version before this one deletes sessions and people and knows nothing of comments.
    session = models.ForeignKey("ChatSession", models.CASCADE, related_name="comments", db_constraint=False)
    message = models.ForeignKey("Message", models.CASCADE, related_name="comments", db_constraint=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    name = models.CharField(max_length=200, blank=True)
    text = models.TextField(_("comment"))
    client_id = models.CharField(max_length=100, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    session_id: "UUID"
    message_id: "UUID"
    author_id: "int | None"

    class Meta:
        ordering = ["id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="comment_once_per_client_id")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.id}"
