"""What answers used that have no run here: those that nobody keeps, and those of deleted sessions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.ids import new_id
from providers.fields import JSONField


class UsageRecord(models.Model):
    """One answer, as a run's row tells of it. While it is being given, `reserved` holds what it takes from
    budgets, as long as its process renews `lease_until`; without a budget there is a row only at its end.

    It outlives whoever asked: `user` may be nobody's any more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", db_constraint=False, null=True
    )
    api_key = models.UUIDField(null=True)
    door = models.CharField(max_length=40, blank=True)
    is_part = models.BooleanField(default=False)  # of another answer: what an agent of a workflow used
    status = models.CharField(_("status"), max_length=12)
    provider = models.CharField(_("provider"), max_length=100)
    model = models.CharField(_("model"), max_length=200)
    usage = JSONField(null=True)
    cost = models.DecimalField(max_digits=16, decimal_places=8, null=True)
    timings = JSONField(null=True)
    reserved = JSONField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("usage")
        verbose_name_plural = _("usage")
        indexes = [
            models.Index(fields=["finished_at"], name="usage_by_time"),
            models.Index(fields=["user", "finished_at"], name="usage_by_user"),
            models.Index(
                fields=["lease_until"], name="usage_leases", condition=models.Q(finished_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"
