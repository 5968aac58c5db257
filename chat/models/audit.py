"""The audit log: one row for each act, chained by hashes, and the end of the chain."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.fields import JSONField


class AuditEntry(models.Model):
    """Never changed. Names of users are kept as they were, and nothing refers to rows that may go. `details`
    hold names of fields and harmless values: no contents, no secrets."""

    class Who(models.TextChoices):
        USER = "user", _("user")
        KEY = "key", _("API key")
        NOBODY = "nobody", _("nobody")
        SYSTEM = "system", _("the server")

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"), db_index=True)
    who = models.CharField(_("who"), max_length=6, choices=Who)
    username = models.CharField(_("username"), max_length=150, blank=True)
    user_id = models.BigIntegerField(_("user"), null=True, blank=True)
    key_id = models.UUIDField(_("API key"), null=True, blank=True)
    address = models.CharField(_("from"), max_length=45, blank=True)
    action = models.CharField(_("action"), max_length=64, db_index=True)
    kind = models.CharField(_("kind"), max_length=32)
    object_id = models.CharField(_("id"), max_length=200, blank=True)
    details = JSONField(_("details"), default=dict, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [models.Index(fields=["kind", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"


class AuditChain(models.Model):
    """One row: the last entry's number and hash, locked by whoever adds the next one. Where entries were
    pruned, `anchor` is what the first one that is left follows on, signed."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True, default="")
    anchor_number = models.BigIntegerField(default=0)
    anchor_hash = models.CharField(max_length=64, blank=True, default="")
    anchor_signature = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("audit chain")
        verbose_name_plural = _("audit chains")

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
