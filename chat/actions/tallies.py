"""Counting what a door answered."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Sum

from chat.access import Person
from chat.models import DoorTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer, however it ended."""

    door: str
    user_id: Any
    failed: bool
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    milliseconds: int


@transaction.atomic
def tally_add(answered: Answered) -> None:
    row, _ = DoorTally.objects.get_or_create(door=answered.door, user_id=answered.user_id)
    DoorTally.objects.filter(pk=row.pk).update(
        requests=F("requests") + 1,
        failures=F("failures") + int(answered.failed),
        input_tokens=F("input_tokens") + answered.input_tokens,
        output_tokens=F("output_tokens") + answered.output_tokens,
        cost=F("cost") + (answered.cost or Decimal(0)),
        milliseconds=F("milliseconds") + answered.milliseconds,
    )


def tally_reset(*, door: str) -> None:
    DoorTally.objects.filter(door=door).delete()


def tally_of(*, door: str, user: Person | None) -> dict[str, Any]:
    """Of one person, or of all. Times are in seconds, costs in dollars."""
    rows = DoorTally.objects.filter(door=door)
    rows = rows.filter(user_id=user.pk or 0) if user else rows
    found = rows.aggregate(since=Min("since"), **{name: Sum(name, default=0) for name in _SUMS})
    requests = found["requests"]
    return {
        "total_requests": requests,
        "total_errors": found["failures"],
        "error_rate": found["failures"] / requests if requests else 0.0,
        "avg_response_time": found["milliseconds"] / requests / 1000 if requests else 0.0,
        "total_input_tokens": found["input_tokens"],
        "total_output_tokens": found["output_tokens"],
        "total_tokens": found["input_tokens"] + found["output_tokens"],
        "total_cost": float(found["cost"]),
        "since": found["since"],
    }


_SUMS = ("requests", "failures", "input_tokens", "output_tokens", "cost", "milliseconds")
