"""`GET /api/stats/`: what goes on and how it went in the last hour. Staff see the server, others what is
theirs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.db.models import Avg, Count, FloatField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat.access import Person, listed_sessions
from chat.models import ChatSession, Run
from providers.health import health_of, totals_json
from providers.models import Provider
from providers.survey import survey

HOUR: Final = timedelta(hours=1)  # that the figures of runs are of
ACTIVE: Final = timedelta(minutes=15)  # since something was said in a session


class StatsView(APIView):
    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request) -> Response:
        return Response(_server() if request.user.is_staff else _own(request.user))


def _server() -> dict[str, Any]:
    seen = survey()
    healths = [health_of(provider, seen) for provider in Provider.objects.all()]
    return {
        "scope": "server",
        "connections": seen.gauges["connections"],
        "sessions": _sessions(ChatSession.objects.all()),
        **_runs(Run.objects.all()),
        "requests": totals_json(seen.total()),
        "providers": healths,
    }


def _own(user: Person) -> dict[str, Any]:
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
        queued=Count("pk", filter=Q(status=Run.Status.QUEUED)), running=Count("pk", filter=_RUNNING)
    )
    return {
        "runs": {
            **counts,
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


_RUNNING: Final = Q(status=Run.Status.RUNNING)
_FIGURES: Final[dict[str, Any]] = {
    "ended": Count("pk"),
    **_counted([Run.Status.COMPLETED, Run.Status.FAILED, Run.Status.CANCELLED, Run.Status.INTERRUPTED]),
    "average_ms": _timing("total_ms"),
    "average_first_token_ms": _timing("first_token_ms"),
}
