"""What becomes of a run whose owner died or handed it over: a new attempt, or a visible end.

RUN_MAX_ATTEMPTS counts deaths. A hand-over is the operator's doing and ends no run with an error: where
nothing was asked of the provider yet it is no attempt at all, otherwise a visible one, up to HAND_OVERS.

The event that opens the new attempt is written in the same transaction as the new state. It takes the number
that the old owner would write next, so that whoever comes second, owner or heir, is refused by the log.
"""

import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from chat.actions.reckoning import usage_left
from chat.actions.runs import Outcome, orphans, runs_cancel, so_far, write_end
from chat.actions.stages import agents_called, calls_wait_for_agents
from chat.dispatch import dispatch
from chat.events import RunUpdated, run_envelope
from chat.log import append_and_publish, run_events, session_append
from chat.metrics import TAKEOVERS
from chat.models import Run
from chat.wire import run_json
from providers.events import Abort, AttemptStart, Error, RunEnd, RunEvent, RunStart
from providers.parts import Parts, parts_to_json
from providers.steps import Step, StepOutcome

HAND_OVERS: Final = 5  # of one run; something that restarts all the time must not be paid for without end
INTERRUPTED = "The server stopped while this was written."


@transaction.atomic
def run_take_over(*, run_id: UUID) -> None:
    """Of a run whose lease is over."""
    run = orphans().select_for_update(of=("self",)).filter(id=run_id).first()
    if run:
        _pass_on(run, reason="lost")


@transaction.atomic
def run_hand_over(*, run_id: UUID, owner: str) -> None:
    """By its owner, who is about to go."""
    held = Run.objects.filter(id=run_id, status=Run.Status.RUNNING, lease_owner=owner)
    run = held.select_for_update().first()
    if run:
        _pass_on(run, reason="drain")


def runs_take_over_all() -> int:
    """At the start of a process that knows itself to be the only one: whoever ran these is dead. Gives how
    many there were."""
    left = Run.objects.filter(status=Run.Status.RUNNING)
    ids = list(left.values_list("id", flat=True))
    for run_id in ids:
        with transaction.atomic():
            if run := left.select_for_update(of=("self",)).filter(id=run_id).first():
                _pass_on(run, reason="lost")
    return len(ids)


def _pass_on(run: Run, reason: str) -> None:
    history = _History.of(run)
    if reason == "drain" and not history.asked and not run.stop_requested_at:
        outcome = "unasked"
        _give_back(run)
    elif not run.stop_requested_at and _may_try_again(run, history, reason):
        outcome = "attempt"
        _requeue(run, *so_far(run), reason)
    else:
        outcome = "end"
        _end_here(run, reason)
    count = TAKEOVERS.labels(reason, outcome).inc
    transaction.on_commit(count)


@dataclass(frozen=True, slots=True)
class _History:
    """What the log tells of a run's attempts."""

    asked: bool  # the attempt that ends here has begun, and a provider may have been asked
    deaths: int  # earlier attempts that were lost with their owners
    hand_overs: int

    @classmethod
    def of(cls, run: Run) -> "_History":
        events = run_events(run.stream)
        started = [event.attempt for event in events if isinstance(event, RunStart)]
        reasons = [event.reason for event in events if isinstance(event, AttemptStart)]
        hand_overs = reasons.count("drain")
        return cls(run.attempt in started, len(reasons) - hand_overs, hand_overs)


def _end(run: Run) -> RunEnd:
    if run.stop_requested_at:
        return Abort()
    return Error(code="interrupted", message=INTERRUPTED, retryable=True)


def _end_here(run: Run, reason: str) -> None:
    """What was written is kept, and paid for."""
    last_seq, parts, ends = so_far(run)
    usage, steps, cost = usage_left(run, parts, _step(run, reason, "failed"))
    write_end(run, last_seq, parts, ends, Outcome(end=_end(run), usage=usage, cost=cost, steps=tuple(steps)))


def _may_try_again(run: Run, history: _History, reason: str) -> bool:
    if settings.RUN_TAKEOVER == "interrupt" or run.had_side_effects:
        return False
    if reason == "drain":
        return history.hand_overs < HAND_OVERS
    limit: int = settings.RUN_MAX_ATTEMPTS
    return history.deaths + 1 < limit


def _give_back(run: Run) -> None:
    """As if it had never been taken."""
    run.attempt -= 1
    _queue_again(run, ["attempt"])


def _requeue(run: Run, last_seq: int, parts: Parts, ends: list[RunEvent], reason: str) -> None:
    hands_over = calls_wait_for_agents(run, parts)
    keeps = hands_over or (settings.RUN_TAKEOVER == "continue" and run.accepts_prefix)
    opening = AttemptStart(attempt=run.attempt + 1, reason=reason, keeps=keeps)
    envelope = run_envelope(run.session_id, run.id, run.message_id, run.agent)
    append_and_publish([envelope.seal(last_seq, [*ends, opening])])
    if not keeps:
        run.set_aside = [*run.set_aside, _kept(run, parts)]
    if not hands_over:
        called = list(agents_called(run, parts))
        transaction.on_commit(lambda: runs_cancel(called))
    run.steps = [*(run.steps or []), _step(run, reason, "set_aside").as_json()]
    _queue_again(run, ["set_aside", "steps"])


def _queue_again(run: Run, changed: list[str]) -> None:
    run.status = Run.Status.QUEUED
    run.lease_owner, run.lease_until = "", None
    run.save(update_fields=["status", "lease_owner", "lease_until", *changed])
    session_append(run.session_id, RunUpdated(run=run_json(run)))
    transaction.on_commit(lambda: dispatch([run.id]))


def _kept(run: Run, parts: Parts) -> dict[str, Any]:
    """What an attempt wrote before it was lost, for those who want to read it."""
    return {"attempt": run.attempt, "parts": parts_to_json(parts)}


def _step(run: Run, reason: str, outcome: StepOutcome) -> Step:
    """The record of a try that nobody saw the end of; what it used is estimated by who goes on."""
    began = run.started_at or run.created_at
    return Step(
        provider=run.provider,
        model=run.model,
        started_ms=round(began.timestamp() * 1000),
        ended_ms=round(time.time() * 1000),
        outcome=outcome,
        attempt=run.attempt,
        code=reason,
    )
