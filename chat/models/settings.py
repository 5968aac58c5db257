"""What a person chose for themselves."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionEnd(models.TextChoices):
    """What becomes of a session whose time is up."""

    ARCHIVE = "archive", _("archive it")
    DELETE = "delete", _("delete it")


class UserSettings(models.Model):
    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="chat_settings"
    )
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(_("language"), max_length=10, blank=True)
    model = models.CharField(_("model"), max_length=200, blank=True)
    memory = models.BooleanField(_("memory"), default=True, db_default=True)

    # Of this person's sessions; None: as the server has it, 0: for ever.
    session_idle_days = models.PositiveIntegerField(_("days without a message"), null=True, blank=True)
    session_total_days = models.PositiveIntegerField(_("days in all"), null=True, blank=True)
    session_end = models.CharField(_("then"), max_length=7, choices=SessionEnd, null=True, blank=True)

    # By a tool's name, `ask` or `never`: stricter than the operator, never less so.
    tools = models.JSONField(_("tools"), null=True, blank=True)

    class Meta:
        verbose_name = _("settings")
        verbose_name_plural = _("settings")

    def __str__(self) -> str:
        return str(self.user)
