"""What becomes of a run whose owner died or handed it over: a new attempt, or a visible end.

The event that opens the new attempt is written in the same transaction as the new state. It takes the number
that the old owner would write next, so that whoever comes second, owner or heir, is refused by the log.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.actions.runs import Outcome, orphans, so_far, write_end
from chat.dispatch import dispatch
from chat.events import RunUpdated, run_envelope
from chat.log import append_and_publish, session_append
from chat.metrics import TAKEOVERS
from chat.models import Run
from chat.wire import run_json
from providers.events import Abort, AttemptStart, Error, RunEnd, RunEvent
from providers.parts import Parts, parts_to_json

INTERRUPTED = "The server stopped while this was written."


@transaction.atomic
def run_take_over(*, run_id: UUID) -> None:
    """Of a run whose lease is over."""
    run = orphans(timezone.now()).select_for_update(of=("self",)).filter(id=run_id).first()
    if run:
        _pass_on(run, reason="lost")


@transaction.atomic
def run_hand_over(*, run_id: UUID, owner: str) -> None:
    """By its owner, who is about to go."""
    held = Run.objects.filter(id=run_id, status=Run.Status.RUNNING, lease_owner=owner)
    run = held.select_for_update().first()
    if run:
        _pass_on(run, reason="drain")


def _pass_on(run: Run, reason: str) -> None:
    again = not run.stop_requested_at and _may_try_again(run)
    if again:
        _requeue(run, *so_far(run), reason)
    else:
        write_end(run, *so_far(run), Outcome(end=_end(run)))
    count = TAKEOVERS.labels(reason, "attempt" if again else "end").inc
    transaction.on_commit(count)


def _end(run: Run) -> RunEnd:
    if run.stop_requested_at:
        return Abort()
    return Error(code="interrupted", message=INTERRUPTED, retryable=True)


def _may_try_again(run: Run) -> bool:
    allowed = settings.RUN_TAKEOVER != "interrupt" and run.attempt < settings.RUN_MAX_ATTEMPTS
    return allowed and not run.had_side_effects


def _requeue(run: Run, last_seq: int, parts: Parts, ends: list[RunEvent], reason: str) -> None:
    keeps = settings.RUN_TAKEOVER == "continue" and run.accepts_prefix
    opening = AttemptStart(attempt=run.attempt + 1, reason=reason, keeps=keeps)
    envelope = run_envelope(run.session_id, run.id, run.message_id)
    append_and_publish([envelope.seal(last_seq, [*ends, opening])])
    run.status = Run.Status.QUEUED
    run.lease_owner, run.lease_until = "", None
    if not keeps:
        run.set_aside = [*run.set_aside, _kept(run, parts)]
    run.save(update_fields=["status", "lease_owner", "lease_until", "set_aside"])
    session_append(run.session_id, RunUpdated(run=run_json(run)))
    transaction.on_commit(lambda: dispatch([run.id]))


def _kept(run: Run, parts: Parts) -> dict[str, Any]:
    """What an attempt wrote before it was lost, for those who want to read it."""
    return {"attempt": run.attempt, "parts": parts_to_json(parts)}
