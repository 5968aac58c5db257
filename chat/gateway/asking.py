"""One stateless question, from this process: whom it goes to, the answer's events, and what it came to.

The events are those of a run that nobody stores: they begin with `run-start`, which waits for the first word
of the upstream, and end like a run does. Closing the generator closes the upstream.
"""

import logging
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from chat.actions.tallies import Answered, tally_add
from chat.db import in_database
from chat.gateway.fitting import fitting
from chat.gateway.guarding import guarded
from chat.guard import Caller
from chat.loops import spawn
from chat.metrics import RUNS, TOKENS
from providers.asking import Asking
from providers.attempts import Source
from providers.catalogue import known_model, provider_of
from providers.contract import ChatRequest
from providers.errors import ProviderError
from providers.estimating import estimated_usage
from providers.events import (
    Delta,
    Error,
    Fallback,
    Finish,
    Progress,
    Retry,
    RunEvent,
    RunStart,
    Timings,
    ToolInputStart,
    Usage,
    UsageReport,
)
from providers.folding import closing_events, fold_all, merge_deltas
from providers.models import ProviderModel
from providers.parts import Parts
from providers.planning import plan_for
from providers.pricing import cost_of
from providers.routing import Candidate, Plan

logger = logging.getLogger(__name__)

TALLIED: Final = frozenset({"streaming-guide", "streaming-agent"})  # doors that tell what they answered
BROKEN: Final = Error(code="provider_stream_broken", message="The provider's answer broke off.")


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


async def question(caller: Caller, request: ChatRequest, door: str) -> Question:
    """Raises ProviderError where there is no such model."""
    return await in_database(_question, caller, request, door)


def _question(caller: Caller, request: ChatRequest, door: str) -> Question:
    plan = plan_for(request.model)
    prices = {c.ref: known_model(provider_of(c.provider), c.model) for c in plan.candidates}
    return Question(
        caller=caller, plan=plan, request=request, prices=prices, door=door, source=fitting(prices)
    )


class Account:
    """What one answer came to, settled once however it ended. `note` sees every event."""

    def __init__(self, asked: Question, asking: Asking) -> None:
        self._asked = asked
        self._asking = asking
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._events: list[RunEvent] = []
        self._usage: Usage | None = None
        self._settled = False

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
        timings = Timings(first_token_ms=self._first_token_ms, total_ms=self._elapsed_ms())
        told = None if cost is None else format(cost, "f")
        return msgspec.structs.replace(end, usage=usage, cost=told, timings=timings)

    def usage(self) -> Usage | None:
        """As it was told, or estimated where something was answered without a word of it."""
        if self._usage is None and self._events:
            self._usage = estimated_usage(self._asked.request, self._parts())
        return self._usage

    def settle(self, status: str) -> None:
        """The one place where a stateless answer is counted."""
        if self._settled:
            return
        self._settled = True
        asked, usage = self._asked, self.usage()
        provider = self.candidate.provider
        RUNS.labels(status, provider).inc()
        if usage:
            TOKENS.labels("input", provider).inc(usage.input_tokens)
            TOKENS.labels("output", provider).inc(usage.output_tokens)
        logger.info(
            "gateway: %s %s user=%s model=%s tokens=%s cost=%s ms=%d",
            asked.door,
            status,
            asked.caller.user.pk,
            self.candidate.ref,
            usage.total_tokens if usage else 0,
            self._cost(usage),
            self._elapsed_ms(),
        )
        if asked.door in TALLIED:
            spawn(self._tallied(status))

    async def _tallied(self, status: str) -> None:
        usage = self.usage() or Usage()
        answered = Answered(
            door=self._asked.door,
            user_id=self._asked.caller.user.pk,
            failed=status == "failed",
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=self._cost(usage),
            milliseconds=self._elapsed_ms(),
        )
        try:
            await in_database(tally_add, answered)
        except Exception:
            logger.exception("gateway: an answer could not be counted")

    def _cost(self, usage: Usage | None) -> Decimal | None:
        return cost_of(usage, self._asked.prices.get(self.candidate.ref)) if usage else None

    def _parts(self) -> Parts:
        return fold_all((), merge_deltas(self._events))

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


def answer(asked: Question) -> AsyncGenerator[RunEvent, None]:
    """Raises ProviderError while nothing was told; later failures are the `error` event that ends it. So does
    the caller's loss of rights."""
    return guarded(_answered(asked), asked.caller)


async def _answered(asked: Question) -> AsyncGenerator[RunEvent, None]:
    asking = Asking(asked.plan, asked.request, source=asked.source)
    account = Account(asked, asking)
    detours: list[RunEvent] | None = []
    try:
        async with aclosing(asking.events()) as stream:  # type: ignore[type-var]
            async for event in stream:
                if detours is not None and isinstance(event, Retry | Fallback | Progress):
                    detours.append(event)
                    continue
                for told in _beginning(account, detours):
                    yield told
                detours = None
                account.note(event)
                if isinstance(event, Finish):
                    account.settle("completed")
                    yield account.finished(event)
                    return
                yield _for_client(event)
        account.settle("failed")
        yield BROKEN
    except ProviderError as error:
        account.settle("failed")
        _log(account.candidate, error)
        if detours is not None:
            raise
        for event in account.closing():
            yield event
        yield Error(code=error.code, message=error.message, retryable=error.retryable)
    finally:
        account.settle("cancelled")


def _beginning(account: Account, detours: list[RunEvent] | None) -> list[RunEvent]:
    """Once somebody answers: who, and the way there. The queue is of no interest any more."""
    if detours is None:
        return []
    start = RunStart(provider=account.candidate.provider, model=account.candidate.model)
    return [start, *(event for event in detours if not isinstance(event, Progress))]


def _for_client(event: RunEvent) -> RunEvent:
    """The tools of a stateless request are the caller's own."""
    if isinstance(event, ToolInputStart) and event.executor == "server":
        return msgspec.structs.replace(event, executor="client")
    return event


def _log(candidate: Candidate, error: ProviderError) -> None:
    told = candidate.config.api_key.removed_from(error.detail or error.message)
    logger.warning("gateway: %s: %s: %s", candidate.ref, error.code, told)
