"""A link that shows a conversation to whoever has it, for a while."""

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


def new_token() -> str:
    """192 random bits: a plain SHA-256 is enough to store it."""
    return secrets.token_urlsafe(24)


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ShareLink(models.Model):
    """Only the digest of the link's token is kept. `leaf_id` is where the shown branch ends; without it the
    conversation is shown as it stands at the moment.

    No constraints in the database: the version before this one deletes sessions and knows nothing of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(
        "ChatSession", models.CASCADE, related_name="share_links", db_constraint=False
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    leaf_id = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    session_id: "UUID"

    class Meta:
        ordering = ["-id"]
        verbose_name = _("share link")
        verbose_name_plural = _("share links")

    def __str__(self) -> str:
        return str(self.id)
