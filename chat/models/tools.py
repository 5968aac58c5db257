"""Tools: what the operator set up, and the history of every call."""

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers import secrets
from providers.fields import JSONField
from providers.secrets import Secret

if TYPE_CHECKING:
    from uuid import UUID


class Policy(models.TextChoices):
    """Whether a call runs as the model makes it, waits for a person, or never runs."""

    ALWAYS = "always", _("always")
    ASK = "ask", _("ask first")
    NEVER = "never", _("never")


class McpServer(models.Model):
    """A server of tools that speaks the Model Context Protocol. `tools` is its list as a worker last saw it:
    objects with `name`, `description`, `parameters`, `read_only`."""

    class Transport(models.TextChoices):
        HTTP = "http", _("streamable HTTP")
        SSE = "sse", _("server-sent events")
        STDIO = "stdio", _("a command on the server")

    name = models.CharField(
        _("name"),
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"\A[a-zA-Z0-9_-]+\Z")],
        help_text=_("Letters, digits, - and _: goes before the names of tools that are there twice."),
    )
    transport = models.CharField(
        _("transport"), max_length=5, choices=Transport.choices, default=Transport.HTTP
    )
    url = models.CharField(_("URL"), max_length=500, blank=True)
    command = models.CharField(
        _("command"),
        max_length=64,
        blank=True,
        help_text=_("A name from PARLEY_MCP_COMMANDS, where the operator lists what may be started."),
    )
    headers_encrypted = models.TextField(blank=True, default="", editable=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    by_default = models.BooleanField(
        _("on by default"), default=True, help_text=_("In chats where nobody chose the tools.")
    )
    policy = models.CharField(_("calls"), max_length=6, choices=Policy.choices, default=Policy.ASK)
    timeout_seconds = models.PositiveIntegerField(
        _("seconds for a call"), default=60, validators=[MinValueValidator(1), MaxValueValidator(3600)]
    )
    from_environment = models.BooleanField(_("from the environment"), default=False, editable=False)
    tools = JSONField(default=list, blank=True, editable=False)
    listed_at = models.DateTimeField(_("tools listed"), null=True, blank=True, editable=False)
    error = models.CharField(_("last error"), max_length=300, blank=True, default="", editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("MCP server")
        verbose_name_plural = _("MCP servers")

    def __str__(self) -> str:
        return self.name

    @property
    def headers(self) -> dict[str, str]:
        """May hold keys. Raises SecretUnreadable."""
        stored: dict[str, str] = json.loads(secrets.decrypt(self.headers_encrypted).reveal() or "{}")
        return stored

    def set_headers(self, headers: dict[str, str]) -> None:
        """Encrypts; the caller saves."""
        self.headers_encrypted = secrets.encrypt(Secret(json.dumps(headers))) if headers else ""


class ToolRule(models.Model):
    """What the operator says of one tool, by the name that models see; empty fields leave it as it is."""

    tool = models.CharField(_("tool"), max_length=64, unique=True)
    policy = models.CharField(_("calls"), max_length=6, choices=Policy.choices, blank=True, default="")
    by_default = models.BooleanField(_("on by default"), null=True, blank=True)

    class Meta:
        ordering = ["tool"]
        verbose_name = _("tool rule")
        verbose_name_plural = _("tool rules")

    def __str__(self) -> str:
        return self.tool


class ToolCall(models.Model):
    """One call of a tool that this server runs. `started_at` is written before it starts and only once, so
    that a call runs at most once; started and never ended is an unknown outcome.

    `arguments` and `edited_arguments` are JSON text; an approval is of exactly that text.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey("Run", models.CASCADE, related_name="tool_calls")
    tool_call_id = models.CharField(max_length=200)
    tool = models.CharField(_("tool"), max_length=100)
    server = models.CharField(_("server"), max_length=32, blank=True)
    arguments = models.TextField(_("arguments"))
    edited_arguments = models.TextField(_("edited arguments"), null=True, blank=True)
    side_effects = models.BooleanField(_("side effects"), default=True)
    output = JSONField(_("output"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=64, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    requested_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=7, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    start_token = models.UUIDField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    run_id: "UUID"

    class Meta:
        ordering = ["id"]
        verbose_name = _("tool call")
        verbose_name_plural = _("tool calls")
        constraints = [models.UniqueConstraint(fields=["run", "tool_call_id"], name="tool_call_once_per_run")]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="tool_calls_undecided",
                condition=models.Q(decision="", ended_at__isnull=True, requested_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.tool_call_id}"

    @property
    def waits(self) -> bool:
        """For a person to decide."""
        return self.requested_at is not None and not self.decision and self.ended_at is None

    @property
    def valid_arguments(self) -> str:
        return self.arguments if self.edited_arguments is None else self.edited_arguments

    @property
    def state(self) -> str:
        """waiting, decided, running (or its outcome is unknown), done or failed."""
        if self.ended_at:
            return "failed" if self.error_code else "done"
        if self.started_at:
            return "running"
        return "waiting" if self.waits else "decided"

    @property
    def duration_ms(self) -> int | None:
        if not self.started_at or not self.ended_at:
            return None
        return int((self.ended_at - self.started_at).total_seconds() * 1000)

    def as_json(self) -> dict[str, Any]:
        """For the list of a run's calls."""
        return {
            "id": self.tool_call_id,
            "tool": self.tool,
            "server": self.server,
            "state": self.state,
            "arguments": self.arguments,
            "edited_arguments": self.edited_arguments,
            "side_effects": self.side_effects,
            "output": self.output,
            "error": {"code": self.error_code, "message": self.error_message} if self.error_code else None,
            "decision": self.decision or None,
            "decided_by": str(self.decided_by_id) if self.decided_by_id else None,
            "requested_at": self.requested_at,
            "decided_at": self.decided_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "duration_ms": self.duration_ms,
        }
