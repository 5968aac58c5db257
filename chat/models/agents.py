"""An agent: instructions, a model and tools under one name."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.fields import JSONField

NAME_LENGTH = 64


class Agent(models.Model):
    """Its name stands wherever a model's may. `model` is `provider/model` or a route's name, empty for
    whatever the session has; `tools` are names of the server's, None for what the session has; `team` are
    names of agents that it may hand over to, each as a tool. With `stages` (chat/agents/stages.py) it is a
    workflow: other agents work for it, and the last one writes its answer."""

    name = models.CharField(
        _("name"),
        max_length=NAME_LENGTH,
        unique=True,
        validators=[RegexValidator(r"\A[a-zA-Z0-9][a-zA-Z0-9_-]*\Z")],
        help_text=_("Letters, digits, - and _: callers use it as a model's name."),
    )
    label = models.CharField(_("label"), max_length=100, blank=True, default="")
    description = models.CharField(_("description"), max_length=500, blank=True, default="")
    instructions = models.TextField(_("instructions"), max_length=100_000, blank=True, default="")
    model = models.CharField(
        _("model"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("provider/model or a route; empty: the session's."),
    )
    tools = JSONField(_("tools"), null=True, blank=True, default=None)
    options = JSONField(_("options"), blank=True, default=dict)
    output_schema = JSONField(
        _("output schema"), null=True, blank=True, default=None, help_text=_("A JSON schema of the answer.")
    )
    stages = JSONField(
        _("stages"),
        null=True,
        blank=True,
        default=None,
        help_text=_("Other agents answer, stage by stage: docs/agents.md."),
    )
    max_steps = models.PositiveSmallIntegerField(
        _("steps at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("How often the model is asked for one answer, with tools in between."),
    )
    team = JSONField(
        _("team"),
        null=True,
        blank=True,
        default=None,
        help_text=_("Names of agents that it may hand over to, each as a tool."),
    )
    pace = JSONField(
        _("pace"),
        null=True,
        blank=True,
        default=None,
        help_text=_("How its text is cut: a name in quotes, or an object with name and settings."),
    )
    timeout_seconds = models.PositiveIntegerField(
        _("seconds at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(86_400)],
        help_text=_("How long one answer may take; then it ends with what there is."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    listed = models.BooleanField(
        _("listed"), default=True, help_text=_("Among the models that people choose from.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return self.label or self.name
