"""Usage outlives what it came of: the runs of a session that is deleted, and answers that nobody keeps.

A row that reserved from budgets is renewed by its process and given back by anybody when that is dead.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from chat.actions.budgets import budget_settle
from chat.budgets.amounts import Share, shares_from, shares_json
from chat.budgets.estimates import used_by
from chat.models import ChatSession, Run, UsageRecord
from providers.events import Timings, Usage

LEASE: Final = timedelta(seconds=30)  # of an answer's reservation, renewed three times in it
AT_ONCE: Final = 500
_SAME: Final = (
    *("user_id", "api_key", "status", "provider", "model", "usage", "cost", "timings"),
    "finished_at",
)


def call_begin(*, user_id: Any, api_key: UUID | None, door: str, shares: tuple[Share, ...]) -> UsageRecord:
    """In the transaction that reserves. Without a reservation nothing is written yet."""
    row = UsageRecord(user_id=user_id, api_key=api_key, door=door, status=Run.Status.RUNNING)
    if shares:
        row.reserved = shares_json(shares)
        row.lease_until = Now() + LEASE  # by the clock that it is compared with
        row.save(force_insert=True)
    return row


@transaction.atomic
def call_end(
    *, row: UsageRecord, usage: Usage | None, cost: Decimal | None, timings: Timings, **known: str
) -> None:
    """Once, however often: what was given back meanwhile is told and no more settled. `known` are status,
    provider and model."""
    row.usage = msgspec.to_builtins(usage) if usage else None
    row.timings = msgspec.to_builtins(timings)
    row.cost, row.finished_at = cost, timezone.now()
    shares, row.reserved = shares_from(row.reserved), None
    for name, value in known.items():
        setattr(row, name, value)
    if not shares:
        row.save(force_insert=True)
        return
    told = {name: getattr(row, name) for name in (*_SAME[2:], "reserved")}
    if UsageRecord.objects.filter(id=row.id, finished_at=None).update(**told):
        budget_settle(shares=shares, used=used_by(row))


def calls_renew(*, ids: Iterable[UUID]) -> None:
    """Of answers that this process is giving."""
    UsageRecord.objects.filter(id__in=list(ids), finished_at=None).update(lease_until=Now() + LEASE)


def reservations_release() -> int:
    """Of answers whose process is dead, and of runs that a version ended which knows of no budgets. Gives how
    many."""
    dead = UsageRecord.objects.filter(finished_at=None, lease_until__lt=Now())
    ended = Run.objects.filter(reserved__isnull=False, finished_at__isnull=False)
    rows = [*dead.values_list("id", flat=True)[:AT_ONCE]]
    runs = [*ended.values_list("id", flat=True)[:AT_ONCE]]
    return sum(map(_release_call, rows)) + sum(map(_release_run, runs))


@transaction.atomic
def usage_keep(*, instance: ChatSession, **_: Any) -> None:
    """A signal's receiver, before a session's rows go: what its runs used stays, and what they reserved is
    given back."""
    kept = []
    for run in instance.runs.select_for_update(of=("self",)).iterator(AT_ONCE):
        budget_settle(shares=shares_from(run.reserved), used=used_by(run))
        if run.finished_at:
            told = {name: getattr(run, name) for name in _SAME}
            is_part = run.parent_id is not None
            kept.append(UsageRecord(id=run.id, created_at=run.created_at, is_part=is_part, **told))
    UsageRecord.objects.bulk_create(kept, batch_size=AT_ONCE, ignore_conflicts=True)


@transaction.atomic
def _release_call(row_id: UUID) -> bool:
    row = UsageRecord.objects.select_for_update().filter(id=row_id, finished_at=None).first()
    if row is None:
        return False
    shares, row.reserved = shares_from(row.reserved), None
    row.status, row.finished_at = Run.Status.INTERRUPTED, timezone.now()
    row.save(update_fields=["status", "finished_at", "reserved"])
    budget_settle(shares=shares, used=used_by(row))
    return True


@transaction.atomic
def _release_run(run_id: UUID) -> bool:
    run = Run.objects.select_for_update().filter(id=run_id, reserved__isnull=False).first()
    if run is None:
        return False
    shares, run.reserved = shares_from(run.reserved), None
    run.save(update_fields=["reserved"])
    budget_settle(shares=shares, used=used_by(run))
    return True
