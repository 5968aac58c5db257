"""What a stateless answer takes from budgets when it begins and what it came to, settled once however it
ended."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import msgspec
from django.db import transaction

from chat.actions.budgets import budget_reserve
from chat.actions.tallies import Answered, tally_add
from chat.actions.usage import call_begin, call_end
from chat.budgets.amounts import Share
from chat.budgets.estimates import Estimate
from chat.budgets.rules import Payer
from chat.db import in_database
from chat.guard import Caller
from chat.loops import spawn
from chat.metrics import count_end
from chat.models import Run, UsageRecord
from chat.renewing import held
from chat.runner.caching import Shelf
from providers.asking import Asking
from providers.attempts import Source
from providers.contract import ChatRequest
from providers.estimating import estimated_usage
from providers.events import Delta, Finish, RunEvent, Timings, Usage, UsageReport
from providers.folding import closing_events, fold_all, merge_deltas
from providers.models import ProviderModel
from providers.parts import Parts
from providers.pricing import cost_of, total_cost
from providers.routing import Candidate, Plan

logger = logging.getLogger(__name__)

TALLIED: Final = frozenset({"streaming-guide", "streaming-agent"})  # doors that tell what they answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request with all that is needed to ask it. `request.model` is as the caller named it; `prices` are
    by `provider/model`; `source` is how one candidate is asked."""

    caller: Caller
    plan: Plan
    request: ChatRequest
    prices: Mapping[str, ProviderModel]
    door: str
    source: Source
    payer: Payer
    has_budget: bool
    tools: tuple[str, ...] = ()  # names of those that this server runs
    agent: str = ""  # who answers, where it is an agent
    shelf: Shelf | None = None  # where its answer is kept to be given again
    headers: dict[str, str] = field(default_factory=dict)  # of the response, known with the first event


def tally_run(asked: Question, run: Run) -> None:
    """What the door tells of itself, of an answer that a run gave."""
    if asked.door not in TALLIED:
        return
    usage = msgspec.convert(run.usage, Usage) if run.usage else Usage()
    tally_add(
        Answered(
            door=asked.door,
            user_id=asked.caller.user.pk,
            failed=run.status == Run.Status.FAILED,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=run.cost,
            milliseconds=(run.timings or {}).get("total_ms") or 0,
        )
    )


async def account_for(asked: Question, asking: Asking) -> "Account":
    """With what it takes from budgets reserved. Raises OverBudget."""
    if not asked.has_budget:
        return Account(asked, asking, _begun(asked))
    row = await in_database(_reserved, asked)
    return Account(asked, asking, row)


@transaction.atomic
def _reserved(asked: Question) -> UsageRecord:
    estimate = Estimate(
        read=lambda: estimated_usage(asked.request, ()).input_tokens,
        options=asked.request.options,
        models=tuple((one.provider, one.model) for one in asked.plan.candidates),
    )
    return _begun(asked, budget_reserve(payer=asked.payer, estimate=estimate.amounts))


def _begun(asked: Question, shares: tuple[Share, ...] = ()) -> UsageRecord:
    payer = asked.payer
    return call_begin(user_id=payer.user_id, api_key=payer.key_id, door=asked.door, shares=shares)


class Account:
    """What one answer came to, settled once however it ended. `note` sees every event."""

    def __init__(self, asked: Question, asking: Asking, row: UsageRecord) -> None:
        self._row = row
        self._asked = asked
        self._asking = asking
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._events: list[RunEvent] = []
        self._usage: Usage | None = None
        self._settled = False
        if row.reserved:
            held.add(row.id)

    @property
    def candidate(self) -> Candidate:
        """Who answers, or was to."""
        return self._asking.answering or self._asking.plan.first

    def note(self, event: RunEvent) -> None:
        if isinstance(event, UsageReport):
            self._usage = event.usage
        elif not isinstance(event, Finish):
            self._events.append(event)
        if self._first_token_ms is None and isinstance(event, Delta):
            self._first_token_ms = self._elapsed_ms()

    def closing(self) -> list[RunEvent]:
        return closing_events(self._parts())

    def finished(self, end: Finish) -> Finish:
        """The end with what it came to."""
        usage = self.usage()
        cost = self._cost(usage)
        timings = self._timings()
        told = None if cost is None else format(cost, "f")
        return msgspec.structs.replace(end, usage=usage, cost=told, timings=timings)

    def usage(self) -> Usage | None:
        """As it was told, or estimated where something was answered without a word of it."""
        if self._usage is None and self._events:
            self._usage = estimated_usage(self._asked.request, self._parts())
        return self._usage

    async def settle(self, status: str) -> None:
        """The one place where a stateless answer is counted, before its end is told."""
        if not self._settled:
            self._count(status)
            await self._write(status)

    def give_up(self) -> None:
        """The same where nobody waits for it any more."""
        if not self._settled:
            self._count("cancelled")
            spawn(self._write("cancelled"))

    def _count(self, status: str) -> None:
        self._settled = True
        asked, usage = self._asked, self.usage()
        provider = self.candidate.provider
        cost, timings = self._cost(usage), self._timings()
        count_end(status=status, provider=provider, usage=usage, cost=cost, timings=timings)
        fields = {
            "door": asked.door,
            "status": status,
            "user": asked.caller.user.pk,
            "model": self.candidate.ref,
            "tokens": usage.total_tokens if usage else 0,
            "cost": cost,
            "ms": timings.total_ms,
        }
        logger.info("answer ended", extra={"fields": fields})

    async def _write(self, status: str) -> None:
        try:
            await in_database(self._written, status, self._timings())
        except Exception:
            logger.exception("gateway: what an answer used could not be written")
        finally:
            held.discard(self._row.id)

    def _written(self, status: str, timings: Timings) -> None:
        usage, candidate = self.usage(), self.candidate
        cost = self._cost(usage)
        known = {"status": status, "provider": candidate.provider, "model": candidate.model}
        call_end(row=self._row, usage=usage, cost=cost, timings=timings, **known)
        if self._asked.door in TALLIED:
            tally_add(self._tally(status, usage or Usage(), cost))

    def _tally(self, status: str, usage: Usage, cost: Decimal | None) -> Answered:
        return Answered(
            door=self._asked.door,
            user_id=self._asked.caller.user.pk,
            failed=status == "failed",
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=cost,
            milliseconds=self._elapsed_ms(),
        )

    def _timings(self) -> Timings:
        return Timings(first_token_ms=self._first_token_ms, total_ms=self._elapsed_ms())

    def _cost(self, usage: Usage | None) -> Decimal | None:
        """Of the answer, and of what was paid for beside it: who loses a race has its price."""
        aside = [(step.usage, f"{step.provider}/{step.model}") for step in self._asking.aside]
        paid = [(used, ref) for used, ref in [(usage, self.candidate.ref), *aside] if used]
        return total_cost([cost_of(used, self._asked.prices.get(ref)) for used, ref in paid])

    def _parts(self) -> Parts:
        return fold_all((), merge_deltas(self._events))

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)
