"""What is wrong with the server and since when, and which process looks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.fields import JSONField


class Duty(models.Model):
    """What one process at a time does for all: its lease, by the database's clock, and what was found
    wrong when it was done last."""

    name = models.CharField(max_length=32, primary_key=True)
    owner = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField()
    told = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One incident: open while `ended_at` is None. `subject` is what it is about: a provider, a model, a
    budget. `owed` are the messages that are still to be sent: `["email", "began"]`, …"""

    class Kind(models.TextChoices):
        PROVIDER_DOWN = "provider_down", _("provider down")
        ERROR_RATE = "error_rate", _("many errors")
        BUDGET_NEAR = "budget_near", _("budget nearly used")
        QUEUE_LONG = "queue_long", _("long queue")
        CANARY_LOST = "canary_lost", _("canary lost")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    said = models.CharField(_("what"), max_length=500)
    began_at = models.DateTimeField(_("began"))
    seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    owed = JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-began_at", "-id"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                name="alert_once",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
