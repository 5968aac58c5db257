"""API keys: many per user, shown once, stored as a hash."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField

PREFIX: Final = "pk-"
HINT: Final = 4  # last characters that may be shown
SCOPES: Final = ("chat", "read", "files", "providers", "admin")
# What a scope brings with it: answers that were asked for can be read, and administration includes providers.
_INCLUDES: Final = {"chat": {"read"}, "admin": {"read", "providers"}}


def new_key() -> str:
    """192 random bits: too many to guess, so that a plain SHA-256 is enough to store it."""
    return PREFIX + secrets.token_urlsafe(24)


def key_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKey(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=HINT, editable=False)
    scopes = JSONField(_("scopes"), default=list, blank=True)  # of SCOPES; empty: all
    # Names of routes and agents, and `provider/model`, that may be asked with it; None: what the owner may.
    routes = JSONField(_("routes"), null=True, blank=True, default=None)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name or 'key'} …{self.hint}"

    def allows(self, scope: str) -> bool:
        """A key without scopes may all that its owner may."""
        return not self.scopes or any(scope == one or scope in _INCLUDES.get(one, ()) for one in self.scopes)

    def usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def came_with(person: Any) -> ApiKey | None:
    """The key that somebody was let in by; None with a cookie. It goes with the person, so that whatever is
    asked in his name, at whichever door, is within the key's limits and on its account."""
    key: ApiKey | None = getattr(person, "_came_with", None)
    return key


def bearer_of(key: ApiKey) -> Any:
    """The key's owner, as somebody who came with it."""
    key.user._came_with = key  # type: ignore[attr-defined]
    return key.user
