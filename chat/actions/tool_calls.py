"""The durable side of tool calls: what was asked for, decided, started and answered.

A call is started by one conditional update, under the lease of its run and before the tool is: whatever
happens afterwards, it is not started again. A run that only waits for decisions is held by nobody; the
decision puts it back into the queue, and whoever takes it goes on from its log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chat.access import Person
from chat.dispatch import dispatch
from chat.errors import Conflict, LeaseLost, NotFound
from chat.events import RunUpdated, run_envelope
from chat.log import append_and_publish, last_seqs, session_append
from chat.models import Run, ToolCall
from chat.tools.errors import OutcomeUnknown, ToolRejected
from chat.wire import run_json
from providers.events import RunEvent, ToolApproval, Usage, UsageReport
from providers.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as the model made it. `arguments` is JSON text."""

    tool_call_id: str
    tool: str
    arguments: str
    server: str = ""
    side_effects: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run came to until now."""

    usage: Usage | None
    cost: Decimal | None
    steps: tuple[Step, ...]


def calls_of(run_id: UUID) -> dict[str, ToolCall]:
    return {call.tool_call_id: call for call in ToolCall.objects.filter(run_id=run_id)}


@transaction.atomic
def calls_request(*, run: Run, calls: Iterable[Call]) -> None:
    """These wait for a person from now on. May be done twice. Raises LeaseLost."""
    _held(run)
    now = timezone.now()
    rows = [ToolCall(run=run, requested_at=now, **_fields(call)) for call in calls]
    ToolCall.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def call_start(*, run: Run, call: Call, token: UUID) -> None:
    """Before the tool is started. May be done twice with the same token. Raises OutcomeUnknown where the call
    was started by somebody else, LeaseLost where this owner does not hold the run any more."""
    _held(run)
    row, _ = ToolCall.objects.get_or_create(run=run, tool_call_id=call.tool_call_id, defaults=_fields(call))
    if row.start_token == token:
        return
    fresh = ToolCall.objects.filter(id=row.id, started_at__isnull=True, ended_at__isnull=True)
    if not fresh.update(started_at=timezone.now(), start_token=token):
        raise OutcomeUnknown
    if call.side_effects and not run.had_side_effects:
        run.had_side_effects = True
        run.save(update_fields=["had_side_effects"])


def call_end(*, run: Run, call: Call, output: Any = None, code: str = "", message: str = "") -> None:
    """What came of it, whether it was started or not. A call that has ended stays as it is."""
    row, _ = ToolCall.objects.get_or_create(run=run, tool_call_id=call.tool_call_id, defaults=_fields(call))
    ToolCall.objects.filter(id=row.id, ended_at__isnull=True).update(
        output=output, error_code=code, error_message=message, ended_at=timezone.now()
    )


@transaction.atomic
def run_wait(*, run: Run, last_seq: int, spent: Spent) -> bool:
    """Let go of a run that only waits for decisions. False where one was made meanwhile: go on. Raises
    LeaseLost."""
    held = _held(run)
    decided = held.tool_calls.exclude(decision="").filter(started_at__isnull=True, ended_at__isnull=True)
    if held.stop_requested_at or decided.exists():
        return False
    held.status = Run.Status.WAITING
    held.lease_owner, held.lease_until = "", None
    if spent.usage:
        held.usage = msgspec.to_builtins(spent.usage)
        append_and_publish([_envelope(held).seal(last_seq, [UsageReport(usage=spent.usage)])])
    held.cost, held.steps = spent.cost, [step.as_json() for step in spent.steps]
    held.save(update_fields=["status", "lease_owner", "lease_until", "usage", "cost", "steps"])
    session_append(held.session_id, RunUpdated(run=run_json(held)))
    return True


@transaction.atomic
def call_decide(
    *, user: Person | None, run: Run, tool_call_id: str, decision: str, edited: str | None = None
) -> Run:
    """A person's word on a call that waits; `edited` is the JSON text of other arguments. The same word of
    the same person again is no error. Raises NotFound, or Conflict where it does not wait any more."""
    held = Run.objects.select_for_update().get(id=run.id)
    call = held.tool_calls.filter(tool_call_id=tool_call_id).first()
    if call is None:
        raise NotFound("There is no such call in this run.", field="tool_call_id")
    if not (call.waits and held.is_active):
        return _decided_before(held, call, user, decision)
    call.decision, call.edited_arguments = decision, edited
    call.decided_by_id, call.decided_at = user.pk if user else None, timezone.now()
    call.save(update_fields=["decision", "edited_arguments", "decided_by", "decided_at"])
    if held.status == Run.Status.WAITING:
        _wake(held, approval_of(call))
    return held


def approval_of(call: ToolCall) -> ToolApproval:
    by = str(call.decided_by_id) if call.decided_by_id else ""
    approve = call.decision == "approve"
    return ToolApproval(
        tool_call_id=call.tool_call_id,
        decision="approve" if approve else "reject",
        by=by,
        arguments=call.edited_arguments,
    )


def calls_expire() -> int:
    """Refuse what nobody decided on for TOOL_APPROVAL_HOURS. Gives how many."""
    limit = timezone.now() - timedelta(hours=settings.TOOL_APPROVAL_HOURS)
    waiting = ToolCall.objects.filter(decision="", ended_at__isnull=True, requested_at__lt=limit)
    expired = list(waiting.filter(run__status=Run.Status.WAITING).select_related("run")[:1000])
    for call in expired:
        try:
            call_decide(user=None, run=call.run, tool_call_id=call.tool_call_id, decision="reject")
        except (Conflict, NotFound, Run.DoesNotExist):
            continue  # somebody was faster
    return len(expired)


def refusal_of(call: ToolCall) -> ToolRejected:
    if call.decided_by_id is None:
        return ToolRejected("Nobody decided on the call in time.", code="tool_approval_expired")
    return ToolRejected("The person did not allow this call.")


# --- inside the transaction -------------------------------------------------------------


def _held(run: Run) -> Run:
    """The run's row, locked. Raises LeaseLost."""
    mine = Run.objects.select_for_update().filter(
        id=run.id, status=Run.Status.RUNNING, lease_owner=run.lease_owner
    )
    found = mine.first()
    if found is None:
        raise LeaseLost
    return found


def _fields(call: Call) -> dict[str, Any]:
    return {
        "tool_call_id": call.tool_call_id,
        "tool": call.tool[:100],
        "server": call.server,
        "arguments": call.arguments,
        "side_effects": call.side_effects,
    }


def _wake(run: Run, event: RunEvent) -> None:
    """Claiming counts an attempt; going on is none."""
    last_seq = last_seqs([run.stream]).get(run.stream, 0)
    append_and_publish([_envelope(run).seal(last_seq, [event])])
    run.status, run.resumes = Run.Status.QUEUED, True
    run.attempt -= 1
    run.save(update_fields=["status", "resumes", "attempt"])
    session_append(run.session_id, RunUpdated(run=run_json(run)))
    transaction.on_commit(lambda: dispatch([run.id]))


def _decided_before(run: Run, call: ToolCall, user: Person | None, decision: str) -> Run:
    if user and call.decision == decision and call.decided_by_id == user.pk:
        return run
    raise Conflict("This call does not wait for a decision any more.", code="already_decided")


def _envelope(run: Run) -> Any:
    return run_envelope(run.session_id, run.id, run.message_id, run.agent)
