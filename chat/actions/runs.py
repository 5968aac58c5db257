"""A run's way through its states. Every change is conditional on the state and the lease it was made for."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from chat import rows
from chat.actions.agent_costs import agents_spent, parent_told
from chat.actions.budgets import budget_settle
from chat.actions.call_endings import calls_close
from chat.budgets.amounts import shares_from
from chat.budgets.estimates import used_by
from chat.dispatch import request_stop
from chat.errors import LeaseLost
from chat.events import MessageUpdated, RunUpdated, run_envelope
from chat.log import append_and_publish, folded, session_append, session_sealed
from chat.memory.chores import chore_keep, chores_queue
from chat.metrics import count_end
from chat.models import ChatSession, Message, Run
from chat.wire import message_json, run_json
from providers.events import Abort, Error, Event, Finish, RunEnd, RunEvent, Timings, Usage
from providers.folding import closing_events, fold_all
from providers.parts import Parts, parts_to_json
from providers.routing import Candidate
from providers.steps import Step

logger = logging.getLogger(__name__)

FRESH: Final = timedelta(seconds=2)  # a wake-up takes no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended, and what it came to."""

    end: RunEnd
    usage: Usage | None = None
    cost: Decimal | None = None
    price: dict[str, str] | None = None  # by which it was reckoned
    timings: Timings | None = None
    steps: tuple[Step, ...] | None = None  # None leaves what is recorded
    answering: Candidate | None = None  # who gave the answer; None leaves who was asked last
    context: Mapping[str, Any] | None = None  # what it was and was not told of earlier; None leaves it
    summarize_to: str = ""  # the message up to which a summary is due


@transaction.atomic
def run_claim(*, run_id: UUID, owner: str, background: bool = True) -> Run | None:
    """Take a queued run, or None where another runner was first: one conditional update decides. Without
    `background` only an answer is taken."""
    wanted = Run.objects.filter(id=run_id, status=Run.Status.QUEUED)
    if not background:
        wanted = wanted.filter(kind=Run.Kind.ANSWER)
    claimed = wanted.update(
        status=Run.Status.RUNNING,
        lease_owner=owner,
        lease_until=_lease_end(),
        attempt=F("attempt") + 1,
        started_at=timezone.now(),
    )
    if not claimed:
        return None
    run = rows.must_fetch(Run, id=run_id)
    run.session = rows.must_fetch(ChatSession, id=run.session_id)
    run.message = rows.must_fetch(Message, id=run.message_id)
    run.message.status = Message.Status.RUNNING
    rows.update(run.message, "status")
    return run


def runs_beat(*, owner: str, run_ids: Iterable[UUID]) -> list[UUID]:
    """Renew the leases of this owner's runs; gives those that somebody wants stopped."""
    held = Run.objects.filter(id__in=list(run_ids), lease_owner=owner, status=Run.Status.RUNNING)
    held.update(lease_until=_lease_end())
    return list(held.filter(stop_requested_at__isnull=False).values_list("id", flat=True))


@transaction.atomic
def run_settle(*, run: Run, last_seq: int, parts: Parts, events: list[RunEvent], outcome: Outcome) -> None:
    """The end of a run, in one transaction: its last events, the message, the status and what it cost.

    Raises LeaseLost where this owner does not hold the run any more, and then nothing is written.
    """
    held = {"status": Run.Status.RUNNING, "lease_owner": run.lease_owner}
    write_end(run, last_seq, parts, events, outcome, **held)


def run_cancel(*, run: Run) -> Run:
    """Ask for a stop. A run that nobody took yet ends here; otherwise its owner ends it and says so."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(id=run.id)
        if run.is_active and run.stop_requested_at is None:
            run.stop_requested_at = timezone.now()
            if run.status in (Run.Status.QUEUED, Run.Status.WAITING):
                write_end(run, *so_far(run), Outcome(end=Abort()))
            else:
                run.save(update_fields=["stop_requested_at"])
                session_append(run.session_id, RunUpdated(run=run_json(run)))
    if run.is_active:
        request_stop(run.id)
    children_cancel(run)
    return run


def children_cancel(run: Run) -> None:
    """What agents still write for a run that is over, or about to be, is for nobody."""
    runs_cancel(run.children.filter(status__in=Run.ACTIVE, kind=Run.Kind.ANSWER))


def runs_cancel(runs: Iterable[Run]) -> None:
    for run in runs:
        run_cancel(run=run)


def so_far(run: Run) -> tuple[int, Parts, list[RunEvent]]:
    """The last number, the parts and the ends that are owed, from the log."""
    parts, last_seq = folded(run.stream)
    return last_seq, parts, closing_events(parts)


def orphans() -> QuerySet[Run]:
    """Runs whose owner has not beaten for a whole lease: it is dead, or as good as."""
    return Run.objects.filter(status=Run.Status.RUNNING, lease_until__lt=Now())


def forgotten() -> QuerySet[Run]:
    """Queued runs whose wake-up got lost, answers before what is made in the background. A host whose clock
    is wrong may have queued them in the future."""
    fresh = Q(created_at__range=(Now() - FRESH, Now()))
    return Run.objects.filter(~fresh, status=Run.Status.QUEUED).order_by("kind", "id")


# --- inside the transaction -------------------------------------------------------------


def write_end(
    run: Run, last_seq: int, parts: Parts, events: list[RunEvent], outcome: Outcome, **held: Any
) -> None:
    """The last entries of a run, the message and the run's row, for callers who hold that row. Those who do
    not say what it has to look like, `held`, and get LeaseLost where it does not."""
    _finish_run(run, outcome, **held)
    end = _with_agents(run, outcome.end)
    if run.parent_id and not run.kind:
        parent_told(run)  # runs before sessions: so everybody locks
    events = [*events, *calls_close(run, fold_all(parts, events), outcome.end)]
    made = fold_all(parts, events)
    message = _finish_message(run, () if run.kind == Run.Kind.MEMORY else made, outcome)
    if run.kind and run.status == Run.Status.COMPLETED:
        chore_keep(run, made)
    envelope = run_envelope(run.session_id, run.id, run.message_id, run.agent)
    told: list[Event] = [RunUpdated(run=run_json(run))]
    if run.parent_id is None:
        told.insert(0, MessageUpdated(message=message_json(message)))
    append_and_publish([envelope.seal(last_seq, [*events, end]), session_sealed(run.session_id, *told)])
    if run.agent:
        transaction.on_commit(lambda: children_cancel(run))
    chores_queue(run, outcome.summarize_to)


def _finish_run(run: Run, outcome: Outcome, **held: Any) -> None:
    run.status = _status(outcome.end)
    run.lease_until = None
    run.finished_at = timezone.now()
    run.usage = msgspec.to_builtins(outcome.usage) if outcome.usage else run.usage
    run.timings = msgspec.to_builtins(outcome.timings) if outcome.timings else None
    run.cost = run.cost if outcome.cost is None else outcome.cost
    run.price = outcome.price or run.price
    run.error = _error(outcome.end)
    run.context = run.context if outcome.context is None else dict(outcome.context)
    shares, run.reserved = shares_from(run.reserved), None
    if outcome.answering:
        run.provider, run.model = outcome.answering.provider, outcome.answering.model
    if outcome.steps is not None:
        run.steps = [step.as_json() for step in outcome.steps]
    changed = (
        *("status", "lease_until", "finished_at", "usage", "timings", "cost", "price", "error"),
        *("provider", "model", "steps", "context", "reserved"),
    )
    if not rows.update(run, *changed, **held):
        raise LeaseLost
    budget_settle(shares=shares, used=used_by(run))
    transaction.on_commit(lambda: _count(run, outcome.usage))


def _with_agents(run: Run, end: RunEnd) -> RunEnd:
    """The end, with what agents cost where there were any."""
    run.agents_spent = agents_spent(run) if run.agent else None
    if run.agents_spent is None:
        return end
    rows.update(run, "agents_spent")
    cost = None if run.total_cost is None else format(run.total_cost, "f")
    return msgspec.structs.replace(end, cost=cost) if isinstance(end, Finish) else end


def _count(run: Run, usage: Usage | None) -> None:
    timings = msgspec.convert(run.timings, Timings) if run.timings else None
    count_end(status=run.status, provider=run.provider, usage=usage, cost=run.cost, timings=timings)
    fields = {
        "run_id": run.id,
        "session_id": run.session_id,
        "status": run.status,
        "model": run.asked,
        "attempt": run.attempt,
        "tokens": usage.total_tokens if usage else 0,
        "cost": run.cost,
        **(run.timings or {}),
        **({"code": run.error["code"]} if run.error else {}),
    }
    logger.info("run ended", extra={"fields": fields})


def _finish_message(run: Run, parts: Parts, outcome: Outcome) -> Message:
    message = run.message
    message.parts = parts_to_json(parts)
    message.status = Message.Status.COMPLETE if run.status == Run.Status.COMPLETED else run.status
    message.usage, message.cost, message.error = run.usage, run.total_cost, run.error
    message.provider, message.model = run.provider, run.model
    rows.update(message, "parts", "status", "usage", "cost", "error", "provider", "model")
    return message


def _status(end: RunEnd) -> Run.Status:
    match end:
        case Finish():
            return Run.Status.COMPLETED
        case Abort():
            return Run.Status.CANCELLED
        case Error(code="interrupted"):
            return Run.Status.INTERRUPTED
        case Error():
            return Run.Status.FAILED


def _error(end: RunEnd) -> dict[str, str] | None:
    return {"code": end.code, "message": end.message} if isinstance(end, Error) else None


def _lease_end() -> Combinable:
    """By the database's clock, as all that is compared with it: those of the hosts may differ."""
    return Now() + timedelta(seconds=settings.RUN_LEASE_SECONDS)
