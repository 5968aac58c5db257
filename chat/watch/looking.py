"""What the watch looks at: the survey of the providers, their tests, the budgets, the queue. Sync."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from chat.budgets.nearing import used_shares
from chat.models import Duty, Run
from chat.watch.incidents import Figures, Incident, Limits, incidents
from providers.models import Provider
from providers.survey import survey


@dataclass(frozen=True, slots=True)
class Queue:
    """Runs that nobody took yet; `oldest` in seconds."""

    length: int
    oldest: float


def queue() -> Queue:
    told = Run.objects.filter(status=Run.Status.QUEUED).aggregate(length=Count("pk"), since=Min("created_at"))
    oldest = (timezone.now() - told["since"]).total_seconds() if told["since"] else 0.0
    return Queue(told["length"], max(oldest, 0.0))


def _canary() -> str:
    """What is wrong with it, as long as somebody sends one."""
    row = Duty.objects.filter(name="canary", until__gt=Now()).first()
    return row.told if row else ""


def found() -> list[Incident]:
    seen, waiting = survey(), queue()
    enabled = list(Provider.objects.filter(enabled=True))
    ids = {provider.pk for provider in enabled}
    figures = Figures(
        failed={one.pk: one.check_message for one in enabled if one.check_status == Provider.Check.FAILED},
        breakers={ref: state for ref, state in seen.breakers.items() if ref.partition("/")[0] in ids},
        totals={provider: seen.total(provider) for provider in ids},
        budgets=used_shares(),
        queued=waiting.length,
        waits=waiting.oldest,
        canary=_canary(),
    )
    limits = Limits(
        error_rate=settings.ALERT_ERROR_RATE,
        budget_share=settings.ALERT_BUDGET_SHARE,
        queue_seconds=settings.ALERT_QUEUE_SECONDS,
    )
    return incidents(figures, limits)
