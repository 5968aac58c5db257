"""How a run asks: by its plan, again and instead, with the record that its row keeps.

A run may ask several times, for tools are called between. Once somebody began to answer, that one goes on.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from chat.actions.reckoning import reckoned
from chat.models import Run
from chat.pacing.pacing import at_pace
from chat.pacing.wishes import kept_pace
from chat.runner.fetching import with_bytes
from chat.runner.media import stored, with_files
from chat.runner.requests import Assignment
from providers.asking import Asking, decided
from providers.attempts import adapter_stream
from providers.contract import ChatRequest
from providers.events import File, RunEvent, Usage
from providers.fitting import Capabilities, capabilities_of
from providers.forming import formed
from providers.pricing import cost_of, price_of, total_cost
from providers.routing import Candidate, Plan
from providers.steps import Step


class RunAsking:
    """`plan` is in the order of asking; with a choice, it is not what the run's row says by itself."""

    def __init__(self, run: Run, assignment: Assignment) -> None:
        self.plan: Plan = decided(assignment.plan)
        self.has_choice = len(self.plan.candidates) > 1 or self.plan.first.ref != run.asked
        self._attempt = run.attempt
        self._prices = assignment.prices
        self._files = assignment.files
        self._recall = assignment.recall
        self._run = run
        before = reckoned(run, assignment.request, assignment.begun)
        self._before = tuple(self._priced(step) for step in before)
        self._askings: list[Asking] = []

    @property
    def answering(self) -> Candidate | None:
        """Who gives the answer, once something of it came."""
        return next((asking.answering for asking in self._askings if asking.answering), None)

    def ask(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        """The events of one request. Raises ProviderError."""
        plan = self.plan.only(self.answering.ref) if self.answering else self.plan
        asking = Asking(plan, request, source=self._fitted)
        self._askings.append(asking)
        return self._paced(asking.events())

    def _paced(self, events: AsyncIterator[RunEvent]) -> AsyncIterator[RunEvent]:
        """Here, where tools do not wait for what a pace holds."""
        if self._run.pace is None:
            return events
        wish = kept_pace(self._run.pace)
        return at_pace(events, wish.name, wish)  # type: ignore[arg-type]  # a generator

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every try of the run that has ended, earlier attempts' included."""
        steps = [step for asking in self._askings for step in asking.steps]
        return (*self._before, *(self._priced(replace(step, attempt=self._attempt)) for step in steps))

    def cost(self, usage: Usage | None) -> Decimal | None:
        """What the answer cost, and what was paid for beside it; None where a price is not known."""
        before = [step for step in self._before if step.outcome != "answered"]
        aside = [step for asking in self._askings for step in asking.aside]
        paid = [(step.usage, f"{step.provider}/{step.model}") for step in (*before, *aside)]
        costs = [self._cost(used, ref) for used, ref in [*paid, (usage, self._answered.ref)] if used]
        return total_cost(costs)

    async def _fitted(self, candidate: Candidate, request: ChatRequest) -> AsyncIterator[RunEvent]:
        """As much of the conversation as this candidate can read, with its files and the answer's form as it
        takes them."""
        kind, told = candidate.config.kind, self._told(candidate)
        fit = self._recall.fitted(candidate, request)
        fit = formed(fit, kind, told)
        fit = await with_files(fit, capabilities_of(kind, told), self._files)
        fit = await with_bytes(kind, fit)
        async with aclosing(adapter_stream(candidate, fit)) as stream:  # type: ignore[type-var]
            async for event in stream:
                yield await stored(event, self._run) if isinstance(event, File) else event

    def _told(self, candidate: Candidate) -> Capabilities | None:
        """What is recorded of the model."""
        model = self._prices.get(candidate.ref)
        told = model.capabilities if model else None
        return None if told is None else frozenset(told)

    @property
    def context(self) -> dict[str, Any] | None:
        """What the answer was and was not told of earlier, as JSON."""
        return self._recall.told(self._answered.ref)

    @property
    def summarize_to(self) -> str:
        """The message up to which a summary is due; empty where none is."""
        return self._recall.due(self._answered.ref)

    def sent(self, request: ChatRequest) -> ChatRequest:
        """The request as it went to whoever answered, for an estimate of what that used."""
        return self._recall.sent(self._answered.ref, request)

    @property
    def _answered(self) -> Candidate:
        return self.answering or self.plan.first

    @property
    def price(self) -> dict[str, str] | None:
        """By which the answer is reckoned."""
        row = self._prices.get(self._answered.ref)
        price = price_of(row.provider, row.name, row) if row else None
        return price.as_json() if price else None

    def _priced(self, step: Step) -> Step:
        cost = self._cost(step.usage, f"{step.provider}/{step.model}") if step.usage else None
        return step if cost is None else replace(step, cost=format(cost, "f"))

    def _cost(self, usage: Usage, ref: str) -> Decimal | None:
        return cost_of(usage, self._prices.get(ref))
