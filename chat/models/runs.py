"""A run: the job that answers a message. Its row is the truth; whatever is queued is only a wake-up."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField

if TYPE_CHECKING:
    from uuid import UUID


class Run(models.Model):
    """One generation. While it runs, `owner` holds the lease until `lease_until` and writes its stream.
    While it is `waiting` for a person to decide on a tool call, nobody holds it.

    A workflow's agents have runs of their own, whose `parent` is the workflow's and whose messages are
    not among the session's.

    What is made in the background after an answer (`kind`) are runs too, children of the answer's run.

    `tools` are names of the server's tools and definitions of the caller's, None for the operator's choice.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        WAITING = "waiting", _("waiting for a decision")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        INTERRUPTED = "interrupted", _("interrupted")

    class Kind(models.TextChoices):
        ANSWER = "", _("answer")
        TITLE = "title", _("title")
        SUMMARY = "summary", _("summary")
        MEMORY = "memory", _("memory")

    ACTIVE = (Status.QUEUED, Status.RUNNING, Status.WAITING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey("ChatSession", models.CASCADE, related_name="runs")
    message = models.OneToOneField("Message", models.CASCADE, related_name="run")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    set_aside = JSONField(default=list, blank=True)  # what lost attempts had written
    had_side_effects = models.BooleanField(default=False)  # a tool changed something: no second attempt
    accepts_prefix = models.BooleanField(default=False)  # the provider can go on from a part of an answer
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(_("provider"), max_length=100)
    model = models.CharField(_("model"), max_length=200)
    route = JSONField(null=True, blank=True)  # {"name", "strategy", "candidates"}, where there is a choice
    steps = JSONField(null=True, blank=True)  # every try: providers/steps.py
    options = JSONField(default=dict, blank=True)
    tools = JSONField(null=True, blank=True)
    tool_choice = models.CharField(max_length=64, blank=True, default="", db_default="")
    pace = JSONField(null=True, blank=True)  # chat/pacing/wishes.py; None: as it comes
    resumes = models.BooleanField(default=False, db_default=False)  # goes on from its log, no new attempt
    agent = models.CharField(_("agent"), max_length=64, blank=True, default="", db_default="")
    trace = models.CharField(max_length=64, blank=True, default="", db_default="")  # chat/tracing.py
    max_steps = models.PositiveSmallIntegerField(null=True, blank=True)  # of its agent
    kind = models.CharField(
        _("kind"), max_length=8, choices=Kind, blank=True, default=Kind.ANSWER, db_default=""
    )
    context = JSONField(null=True, blank=True)  # what was left out, recalled or repeated: docs/memory.md
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    stage = models.CharField(max_length=64, blank=True, default="", db_default="")  # of its parent's workflow
    input = models.TextField(null=True, blank=True)  # asked in the place of what the person said
    usage = JSONField(null=True, blank=True)
    cost = models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)
    agents_spent = JSONField(null=True, blank=True)  # by the runs under it: chat/actions/agent_costs.py
    price = JSONField(null=True, blank=True)  # dollars per million tokens, as when it ended
    timings = JSONField(null=True, blank=True)
    error = JSONField(null=True, blank=True)
    pruned = models.BooleanField(default=False)  # its events are gone; the message has all they said
    api_key = models.UUIDField(null=True, blank=True)  # that it was asked with
    reserved = JSONField(null=True, blank=True)  # of budgets, until it ends: chat/budgets/amounts.py
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    session_id: "UUID"
    message_id: "UUID"
    parent_id: "UUID | None"

    class Meta:
        ordering = ["-id"]
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "stage", "agent"],
                name="run_once_per_stage",
                condition=models.Q(parent__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="run_leases",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            models.Index(fields=["session", "status"], name="run_by_session"),
            models.Index(fields=["finished_at"], name="run_by_time"),
            models.Index(fields=["user", "finished_at"], name="run_by_user"),
            models.Index(
                fields=["finished_at"], name="run_reserving", condition=models.Q(reserved__isnull=False)
            ),
            models.Index(fields=["finished_at"], name="run_unpruned", condition=models.Q(pruned=False)),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"

    @property
    def stream(self) -> str:
        return run_stream(self.id)

    @property
    def asked(self) -> str:
        """Who answers, or is asked now, as `provider/model`."""
        return f"{self.provider}/{self.model}"

    @property
    def total_cost(self) -> Decimal | None:
        """With that of its agents. None where a price is not known."""
        if self.agents_spent is None:
            return self.cost
        others = self.agents_spent["cost"]
        if others is None or (self.cost is None and self.usage):
            return None
        return Decimal(others) + (self.cost or Decimal(0))

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    @property
    def is_stopping(self) -> bool:
        return self.is_active and self.stop_requested_at is not None


def run_stream(run_id: object) -> str:
    return f"run:{run_id}"
