"""Incidents as rows: each begins once and ends once, and is told once by each way."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chat.models import Alert
from chat.watch.incidents import Incident

BEGAN: Final = "began"
ENDED: Final = "ended"
PATIENCE: Final = timedelta(hours=1)  # that a message is tried; after that it helps nobody


def alerts_keep(*, found: Collection[Incident], ways: Iterable[str]) -> None:
    """New ones begin; those that were not seen for ALERT_CALM_SECONDS end. `ways` are how both are told."""
    now, ways = timezone.now(), list(ways)
    known = {(alert.kind, alert.subject): alert for alert in Alert.objects.filter(ended_at=None)}
    for incident in found:
        alert = known.pop((incident.kind, incident.subject), None)
        if alert:
            Alert.objects.filter(pk=alert.pk).update(seen_at=now, said=incident.said)
        else:
            _begin(incident, now, ways)
    calm = now - timedelta(seconds=settings.ALERT_CALM_SECONDS)
    for alert in known.values():
        if alert.seen_at <= calm:
            owed = [*alert.owed, *([way, ENDED] for way in ways)]
            Alert.objects.filter(pk=alert.pk, ended_at=None).update(ended_at=now, owed=owed)


def alerts_owed() -> list[Alert]:
    """Those with something to tell."""
    lately = timezone.now() - PATIENCE
    recent = Q(began_at__gte=lately) | Q(ended_at__gte=lately)
    return list(Alert.objects.filter(recent).exclude(owed=[]).order_by("began_at", "id"))


def alert_told(*, alert: Alert, way: str, word: str) -> None:
    alert.owed = [owed for owed in alert.owed if owed != [way, word]]
    Alert.objects.filter(pk=alert.pk).update(owed=alert.owed)


def _begin(incident: Incident, now: datetime, ways: Iterable[str]) -> None:
    """The unique constraint decides between two who see it at once."""
    alert = Alert(
        kind=incident.kind,
        subject=incident.subject,
        said=incident.said,
        began_at=now,
        seen_at=now,
        owed=[[way, BEGAN] for way in ways],
    )
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
