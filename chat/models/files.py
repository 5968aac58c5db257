"""A file that somebody uploaded, or that a provider made. The bytes lie on disk (chat/files/store.py)."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class File(models.Model):
    """`media_type` was told from the content, never believed. While it is received, `size` is what was
    reserved for it; later, what lies on disk. Without a session it is an orphan after a day.

    The database holds no foreign keys for it: a version that knows nothing of files can still delete their
    sessions during an upgrade. The cleaner takes what is left.
    """

    class Status(models.TextChoices):
        RECEIVING = "receiving", _("being received")
        READY = "ready", _("ready")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="files", db_constraint=False
    )
    session = models.ForeignKey(
        "ChatSession", models.CASCADE, null=True, blank=True, related_name="files", db_constraint=False
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVING)
    name = models.CharField(_("name"), max_length=200, blank=True)
    media_type = models.CharField(_("type"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField(null=True, blank=True)  # seconds
    has_text = models.BooleanField(default=False)  # its text lies beside it
    created_at = models.DateTimeField(auto_now_add=True)

    owner_id: int
    session_id: "UUID | None"

    class Meta:
        ordering = ["-id"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            models.Index(
                fields=["created_at"], name="file_orphans", condition=models.Q(session__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def is_ready(self) -> bool:
        return self.status == self.Status.READY
