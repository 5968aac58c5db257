"""One request to one candidate, held back until its first token: the place that it takes, its stream,
its record."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from django.conf import settings

from providers.contract import ChatRequest
from providers.errors import ProviderBusy, ProviderError, ProviderPaused, ProviderRateLimited, StreamBroken
from providers.estimating import estimated_usage
from providers.events import (
    Delta,
    Finish,
    ReasoningEnd,
    ReasoningStart,
    RunEvent,
    StepStart,
    TextEnd,
    TextStart,
    Usage,
    UsageReport,
)
from providers.metrics import FIRST_TOKEN, PROVIDER_ERRORS, PROVIDER_REQUESTS
from providers.places import Place
from providers.registry import adapter_for
from providers.retrying import counts_against
from providers.routing import Candidate
from providers.steps import Step, StepOutcome
from providers.switchboard import OTHER, Switchboard
from providers.tracing import trace_request
from providers.windows import Totals

Source: TypeAlias = Callable[[Candidate, ChatRequest], AsyncIterator[RunEvent]]

# Shown together with what follows them; alone they say nothing.
_HELD: Final = (TextStart, TextEnd, ReasoningStart, ReasoningEnd, StepStart, UsageReport)
HANDED_ON: Final = 1000  # events that a racer's stream may be ahead of its reader


def adapter_stream(candidate: Candidate, request: ChatRequest) -> AsyncIterator[RunEvent]:
    return adapter_for(candidate.config).stream(replace(request, model=candidate.model))


@dataclass(slots=True)
class Call:
    """What all attempts at one answer have in common."""

    board: Switchboard
    request: ChatRequest
    source: Source
    steps: list[Step] = field(default_factory=list)


class Attempt:
    """`admitted`, then `begin`, then `rest`; `close` in any case. `held` is what came up to the first
    token."""

    def __init__(self, call: Call, candidate: Candidate) -> None:
        self.candidate = candidate
        self.held: list[RunEvent] = []
        self.rest: AsyncIterator[RunEvent] = _nothing()
        self.usage: Usage | None = None
        self.step: Step | None = None  # once it is closed
        self._call = call
        self._place: Place | None = None
        self._outcome: StepOutcome | None = None
        self._code = ""
        self._began = time.time()
        self._first_token: float | None = None
        self._asked = False
        self._closed = False

    async def admitted(self) -> AsyncIterator[int]:
        """How many stand before it, until it may ask. Raises ProviderPaused and ProviderBusy."""
        board, provider = self._call.board, self.candidate.provider
        if left := await board.breaker.ask(self.candidate.ref):
            raise ProviderPaused(provider=provider, retry_after=left)
        deadline = time.monotonic() + settings.PROVIDER_QUEUE_SECONDS
        self._place = board.limiter.place(provider, self.candidate.limits, self._announced())
        async with aclosing(self._place.waiting()) as waiting:  # type: ignore[type-var]
            async for ahead in waiting:
                if time.monotonic() >= deadline:
                    raise ProviderBusy(provider=provider)
                yield ahead

    async def begin(self) -> None:
        """Ask, and return with the first token or the end. Raises ProviderError."""
        self._asked = True
        self._began = time.time()
        self._call.board.window(self.candidate).in_flight += 1
        self.rest = self._call.source(self.candidate, self._call.request)
        async for event in self.rest:
            self.held.append(event)
            self.note(event)
            if _is_shown(event):
                self._first_token = time.time()
                return
        raise StreamBroken(provider=self.candidate.provider)

    def note(self, event: RunEvent) -> None:
        """Whoever reads may leave with the last event: it has been answered by then."""
        if isinstance(event, UsageReport):
            self.usage = event.usage
        elif isinstance(event, Finish):
            self.complete()

    def complete(self) -> None:
        self._outcome = "answered"
        self._call.board.breaker.answered(self.candidate.ref)

    def lose(self) -> None:
        """Somebody else was quicker. What was asked is paid for all the same."""
        self._outcome = "lost"
        if self._asked and self.usage is None:
            self.usage = estimated_usage(self._call.request, ())

    def fail(self, error: Exception) -> None:
        """What the upstream wrote loses the provider's secrets here, before anybody may log it."""
        self._outcome = "failed" if self._asked else "skipped"
        self._code = error.code if isinstance(error, ProviderError) else "internal"
        if isinstance(error, ProviderError):
            error.detail = self.candidate.config.without_secrets(error.detail)

    def blame(self, error: Exception) -> None:
        """After the last try: five of these in a row, and the model is left alone for a while."""
        if not self._asked or not isinstance(error, ProviderError) or not counts_against(error):
            return
        wish = error.retry_after if isinstance(error, ProviderRateLimited) else None
        too_long = wish is not None and wish > settings.PROVIDER_RETRY_AFTER_SECONDS
        self._call.board.breaker.failed(self.candidate.ref, wish if too_long else None)

    async def close(self) -> None:
        """Close the stream and with it the upstream, give the place back, write the record. Once."""
        if self._closed:
            return
        self._closed = True
        try:
            await self.rest.aclose()  # type: ignore[attr-defined]
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._outcome in (None, "lost"):
            self._call.board.breaker.undecided(self.candidate.ref)
        self._outcome = self._outcome or "cancelled"
        if self._place:
            self._place.leave(self._spent())
        ended = time.time()
        self.step = Step(
            provider=self.candidate.provider,
            model=self.candidate.model,
            started_ms=round(self._began * 1000),
            ended_ms=round(ended * 1000),
            outcome=self._outcome,
            code=self._code,
            usage=self.usage,
        )
        self._call.steps.append(self.step)
        if self._code:
            PROVIDER_ERRORS.labels(self.candidate.provider, self._code).inc()
        if self._asked:
            trace_request(self.step, self.candidate.config.kind, self._waited)
            self._count(ended)

    def _count(self, ended: float) -> None:
        board = self._call.board
        window = board.window(self.candidate)
        window.in_flight -= 1
        answered, failed = self._outcome == "answered", self._outcome == "failed"
        first = self._waited
        window.add(
            Totals(
                requests=1,
                errors=int(failed),
                answers=int(answered),
                answer_ms=round((ended - self._began) * 1000) if answered else 0,
                first_tokens=int(first is not None),
                first_token_ms=round((first or 0.0) * 1000),
            )
        )
        model = self.candidate.model if self.candidate.ref in board.windows else OTHER
        PROVIDER_REQUESTS.labels(self.candidate.provider, model, self._outcome).inc()
        if first is not None:
            FIRST_TOKEN.labels(self.candidate.provider, model).observe(first)

    @property
    def _waited(self) -> float | None:
        """Seconds to the first token."""
        return None if self._first_token is None else self._first_token - self._began

    def _announced(self) -> int:
        """About how many tokens it will come to; only asked for where they are limited."""
        if not self.candidate.limits.tokens_per_minute:
            return 0
        most = self._call.request.options.get("max_tokens")
        output = most if isinstance(most, int) else 0
        return estimated_usage(self._call.request, ()).input_tokens + max(0, output)

    def _spent(self) -> int | None:
        if self.usage:
            return self.usage.total_tokens
        return 0 if self._outcome in ("failed", "skipped") else None


async def _nothing() -> AsyncIterator[RunEvent]:
    return
    yield


def _is_shown(event: RunEvent) -> bool:
    if isinstance(event, Delta):
        return bool(event.delta)
    return not isinstance(event, _HELD)


async def pumped(events: AsyncIterator[RunEvent]) -> AsyncIterator[RunEvent]:
    """The same, read by a task of its own: who begins to read a racer is not who goes on to read the winner,
    and a vendor's stream may have to be read and closed where it was opened."""
    queue: asyncio.Queue[RunEvent | Exception | None] = asyncio.Queue(HANDED_ON)
    task = asyncio.create_task(_pump(events, queue))
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _pump(events: AsyncIterator[RunEvent], queue: "asyncio.Queue[RunEvent | Exception | None]") -> None:
    try:
        async for event in events:
            await queue.put(event)
        await queue.put(None)
    except Exception as error:
        await queue.put(error)
    finally:
        await events.aclose()  # type: ignore[attr-defined]
