"""What goes on, and how it went in the last hour: of the whole server, or of one person."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.db.models import Avg, Count, FloatField, Min, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from chat.access import Person, listed_sessions
from chat.guard import KINDS
from chat.models import Alert, ChatSession, Run
from providers.briefly import briefly
from providers.health import health_of, totals_json
from providers.models import Provider
from providers.survey import survey

HOUR: Final = timedelta(hours=1)  # that the figures of runs are of
PROCESSES: Final = ("processes", "serving", "executing")  # as runtimes tell of themselves
ACTIVE: Final = timedelta(minutes=15)  # since something was said in a session


@briefly
def server_stats() -> dict[str, Any]:
    seen = survey()
    healths = [health_of(provider, seen) for provider in Provider.objects.all()]
    return {
        "scope": "server",
        "processes": {name: seen.gauges[name] for name in PROCESSES},
        "connections": seen.gauges["connections"],
        "sockets": {kind: seen.gauges[kind] for kind in KINDS},
        "alerts": [_alert(alert) for alert in Alert.objects.filter(ended_at=None)],
        "sessions": _sessions(ChatSession.objects.all()),
        **_runs(Run.objects.all()),
        "requests": totals_json(seen.total()),
        "providers": healths,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "kind": alert.kind,
        "subject": alert.subject,
        "said": alert.said,
        "began_at": alert.began_at.isoformat(),
    }


def own_stats(user: Person) -> dict[str, Any]:
    return {
        "scope": "own",
        "sessions": _sessions(listed_sessions(user)),
        **_runs(Run.objects.filter(user__pk=user.pk or 0)),
    }


def _sessions(sessions: "QuerySet[ChatSession]") -> dict[str, int]:
    fresh = Q(updated_at__gte=timezone.now() - ACTIVE)
    return sessions.order_by().aggregate(
        total=Count("pk", distinct=True), active=Count("pk", filter=fresh, distinct=True)
    )


def _runs(runs: "QuerySet[Run]") -> dict[str, Any]:
    """Those that go on now, and those that ended within the hour: in all, and by provider."""
    ended = runs.filter(finished_at__gte=timezone.now() - HOUR).order_by()
    by_provider = ended.values("provider").annotate(**_FIGURES).order_by("provider")
    active = runs.filter(status__in=Run.ACTIVE).order_by()
    counts = active.aggregate(
        queued=Count("pk", filter=_QUEUED),
        running=Count("pk", filter=_RUNNING),
        since=Min("created_at", filter=_QUEUED),
    )
    since = counts.pop("since")
    oldest = max((timezone.now() - since).total_seconds(), 0.0) if since else 0.0
    return {
        "runs": {
            **counts,
            "oldest_queued_seconds": round(oldest, 1),
            "window_seconds": int(HOUR.total_seconds()),
            **_figures(ended.aggregate(**_FIGURES)),
        },
        "runs_by_provider": [{"provider": row["provider"], **_figures(dict(row))} for row in by_provider],
    }


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    judged = row["completed"] + row["failed"] + row["interrupted"]
    wrong = row["failed"] + row["interrupted"]
    return {
        **{name: row[name] for name in ("ended", "completed", "failed", "cancelled", "interrupted")},
        "error_rate": round(wrong / judged, 4) if judged else None,
        **{name: _whole(row[name]) for name in ("average_ms", "average_first_token_ms")},
    }


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)


def _counted(statuses: Iterable[Run.Status]) -> dict[str, Count]:
    return {status.value: Count("pk", filter=Q(status=status)) for status in statuses}


def _timing(name: str) -> Avg:
    return Avg(Cast(KeyTextTransform(name, "timings"), FloatField()))


_QUEUED: Final = Q(status=Run.Status.QUEUED)
_RUNNING: Final = Q(status=Run.Status.RUNNING)
_FIGURES: Final[dict[str, Any]] = {
    "ended": Count("pk"),
    **_counted([Run.Status.COMPLETED, Run.Status.FAILED, Run.Status.CANCELLED, Run.Status.INTERRUPTED]),
    "average_ms": _timing("total_ms"),
    "average_first_token_ms": _timing("first_token_ms"),
}
