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
from chat.runner.caching import Kept, Shelf, asks_for_the_same, keep, kept_from, key_of, known, repeated
from chat.runner.converting import with_transcripts
from chat.runner.fetching import with_bytes
from chat.runner.media import stored, with_files
from chat.runner.requests import Assignment
from providers.asking import Asking, decided
from providers.attempts import adapter_stream
from providers.contract import ChatRequest
from providers.events import File, Finish, RunEvent, Usage
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
        self._shelf = assignment.shelf
        self._repeats: list[Kept] = []

    @property
    def answering(self) -> Candidate | None:
        """Who gives the answer, or gave it the first time, once something of it came."""
        asked = (asking.answering for asking in self._askings if asking.answering)
        return next(asked, None) or self._repeated

    def never_repeat(self) -> None:
        """What the answer leads to changes something: the model is asked in any case."""
        self._shelf = None

    def ask(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        """The events of one request. Raises ProviderError."""
        if self._shelf and asks_for_the_same(request):
            return self._paced(self._once(self._shelf, request))
        return self._paced(self._asked(request).events())

    def _asked(self, request: ChatRequest) -> Asking:
        plan = self.plan.only(self.answering.ref) if self.answering else self.plan
        asking = Asking(plan, request, source=self._fitted)
        self._askings.append(asking)
        return asking

    async def _once(self, shelf: Shelf, request: ChatRequest) -> AsyncIterator[RunEvent]:
        """From the shelf, or asked and put there."""
        key = key_of(shelf, self.plan, request, self._recall.history)
        if kept := await known(key):
            self._repeats.append(kept)
            for event in repeated(kept):
                yield event
            return
        asking, seen = self._asked(request), list[RunEvent]()
        async with aclosing(asking.events()) as events:  # type: ignore[type-var]
            async for event in events:
                seen.append(event)
                if isinstance(event, Finish) and asking.answering:
                    await keep(shelf, key, kept_from(str(self._run.id), asking.answering.ref, seen))
                yield event

    @property
    def _repeated(self) -> Candidate | None:
        refs = {kept.ref for kept in self._repeats}
        return next((candidate for candidate in self.plan.candidates if candidate.ref in refs), None)

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
        if usage and (self._askings or not self._repeats):
            paid.append((usage, self._answered.ref))
        costs = [self._cost(used, ref) for used, ref in paid if used]
        return total_cost(costs) if costs or not self._repeats else Decimal(0)

    async def _fitted(self, candidate: Candidate, request: ChatRequest) -> AsyncIterator[RunEvent]:
        """As much of the conversation as this candidate can read, with its files and the answer's form as it
        takes them."""
        kind, told = candidate.config.kind, self._told(candidate)
        fit = self._recall.fitted(candidate, request)
        fit = formed(fit, kind, told)
        takes = capabilities_of(kind, told)
        files = await with_transcripts(fit.messages, candidate.config, takes, self._files)
        fit = await with_files(fit, takes, files)
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
        """What the answer was and was not told of earlier, and what of it is a repetition, as JSON."""
        told = self._recall.told(self._answered.ref) or {}
        cached = [kept.told() for kept in self._repeats]
        return {**told, **({"cached": cached} if cached else {})} or None

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
