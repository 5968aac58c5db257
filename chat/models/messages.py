"""A message: a node of its session's tree."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField
from providers.parts import Parts, parts_from_json, text_of

if TYPE_CHECKING:
    from uuid import UUID


class Message(models.Model):
    """One turn. Siblings (an edit, a regeneration) share a parent; nothing is overwritten.

    `status` is `complete`, or the status of the run that answers it. `client_id` is the caller's own name for
    what it sent; with the author it is unique, so that the same send twice is one message.

    `place` is where an answer stands among those that were asked for side by side, from 0. A regeneration
    takes the place of what it replaces.
    """

    class Role(models.TextChoices):
        SYSTEM = "system", _("system")
        USER = "user", _("user")
        ASSISTANT = "assistant", _("assistant")
        TOOL = "tool", _("tool")

    class Status(models.TextChoices):
        COMPLETE = "complete", _("complete")
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        INTERRUPTED = "interrupted", _("interrupted")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("ChatSession", models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    role = models.CharField(max_length=10, choices=Role)
    parts = JSONField(default=list)
    name = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.COMPLETE)
    usage = JSONField(null=True, blank=True)
    cost = models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)
    error = JSONField(null=True, blank=True)
    provider = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    client_id = models.CharField(max_length=100, null=True, blank=True)
    place = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    session_id: "UUID"
    parent_id: "UUID | None"

    class Meta:
        ordering = ["id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["author", "client_id"], name="message_once_per_client_id")
        ]
        indexes = [models.Index(fields=["session", "id"], name="message_by_session")]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"

    @property
    def content(self) -> Parts:
        return parts_from_json(self.parts)

    @property
    def onward(self) -> "Message":
        """From where a conversation goes on that stands here: of answers side by side, the first one."""
        beside = Message.objects.filter(parent=self, place__isnull=False)
        return beside.order_by("place", "-id").first() or self

    @property
    def text(self) -> str:
        return text_of(self.content)
