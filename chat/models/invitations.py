"""A link that lets one person make an account, with the role that it gives."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id


class Role(models.TextChoices):
    """What an account is here. Django's own flags and groups hold it: chat/accounts/roles.py."""

    OWNER = "owner", _("owner")
    OPERATOR = "operator", _("operator")
    MEMBER = "member", _("member")
    GUEST = "guest", _("guest")


class Invitation(models.Model):
    """Only the digest of the link's token is kept. No constraints in the database: the version before this
    one deletes people and knows nothing of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.MEMBER)
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Whom it is for."))
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_constraint=False,
        verbose_name=_("used by"),
    )
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.note or str(self.id)

    @classmethod
    def open(cls) -> "models.QuerySet[Invitation]":
        """Those that still let somebody in."""
        return cls.objects.filter(used_at=None, expires_at__gt=timezone.now())
