"""A message that comes in pieces, until it is sent. The bytes lie on disk (chat/files/pieces.py)."""

from typing import TYPE_CHECKING, Any

import msgspec
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField


class DraftPart(msgspec.Struct, frozen=True, kw_only=True):
    """`size` is in bytes, of text in UTF-8."""

    is_text: bool
    name: str = ""
    size: int = 0


class Draft(models.Model):
    """`command` is the `message.begin`; `parts` those that came since, as `DraftPart`s; `version` counts the
    appends: who writes on names the one that it read. No constraint, as files have none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)
    client_id = models.CharField(max_length=100)
    command = JSONField()
    parts = JSONField(default=list)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now_add=True, db_index=True)

    user_id: int

    if TYPE_CHECKING:
        objects: models.Manager["Draft"]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "client_id"], name="draft_client_id")]

    def __str__(self) -> str:
        return self.client_id

    @property
    def received(self) -> tuple[DraftPart, ...]:
        return msgspec.convert(self.parts, tuple[DraftPart, ...])

    def as_json(self) -> dict[str, Any]:
        return {"client_id": self.client_id, "parts": [{"offset": part.size} for part in self.received]}
