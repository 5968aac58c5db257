"""Who may use a provider, a route, an agent or a tool, where not everybody may."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Permit(models.Model):
    """Where there is one for a name, only these people and groups may use what has it, and owners. For others
    it is not there. A tool is named by itself or by its MCP server."""

    class Kind(models.TextChoices):
        PROVIDER = "provider", _("provider")
        ROUTE = "route", _("route")
        AGENT = "agent", _("agent")
        TOOL = "tool", _("tool")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=200, help_text=_("As callers write it; a provider's id."))
    # No constraints: the version before this one deletes people and groups and knows nothing of permits.
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", db_constraint=False, verbose_name=_("users")
    )
    groups = models.ManyToManyField(
        "auth.Group", blank=True, related_name="+", db_constraint=False, verbose_name=_("groups")
    )

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_permit_of_a_name")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
