"""Asking for one answer: who is asked, again and instead, until the first token; from then on whose
answer it is.

An `Asking` is pure of the database: a plan and a request go in, events come out, among them `progress`
while it waits for a place, `retry` and `fallback`. Nothing of a failed try is shown, so two models are
never spliced.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from typing import Final

from django.conf import settings

from providers.attempts import Attempt, Call, Source, adapter_stream, pumped
from providers.contract import ChatRequest
from providers.errors import ProviderError
from providers.events import Fallback, Progress, Retry, RunEvent, Usage
from providers.racing import Race
from providers.retrying import Verdict, backoff, verdict
from providers.routing import Candidate, Plan, can_take_over, ordered
from providers.steps import Step
from providers.switchboard import switchboard

QUEUE: Final = "queue"  # the label of progress while it waits for a place
SLOW: Final = "slow"  # why a race went to somebody else, where the first one did not fail


class Asking:
    """One answer. `events()` is read once; the rest says at any time how it came to be.

    `plan` is in the order that was decided. `steps` are the tries that have ended, in that order.
    """

    def __init__(
        self, plan: Plan, request: ChatRequest, *, source: Source = adapter_stream, rng: Random | None = None
    ) -> None:
        """`source` opens one candidate's stream of events: the adapter's, unless told otherwise."""
        self._rng = rng or random.SystemRandom()
        self.plan = decided(plan, self._rng)
        self._call = Call(switchboard(), request, source)
        self._winner: Attempt | None = None
        self._shown = self.plan.first

    @property
    def steps(self) -> list[Step]:
        return self._call.steps

    @property
    def aside(self) -> list[Step]:
        """The tries that are no part of the answer, though some may have to be paid for."""
        return [step for step in self.steps if not self._winner or step is not self._winner.step]

    @property
    def answering(self) -> Candidate | None:
        """Who gives the answer, once something of it came."""
        return self._winner.candidate if self._winner else None

    @property
    def usage(self) -> Usage | None:
        """What the answering one reported last."""
        return self._winner.usage if self._winner else None

    async def events(self) -> AsyncIterator[RunEvent]:
        """Until and with Finish. Raises the ProviderError that ended it. Closing it closes the upstream."""
        async with aclosing(self._raced() if self._is_race else self._in_turn()) as told:  # type: ignore[type-var]
            async for event in told:
                yield event
        winner = self._begun()
        try:
            for event in winner.held:
                yield event
            async for event in winner.rest:
                winner.note(event)
                yield event
            winner.complete()
        except Exception as error:
            winner.fail(error)
            winner.blame(error)
            raise
        finally:
            await winner.close()

    def _begun(self) -> Attempt:
        if self._winner is None:
            raise RuntimeError("nobody answers, and nobody said why")
        return self._winner

    @property
    def _is_race(self) -> bool:
        return self.plan.strategy == "race" and len(self.plan.candidates) > 1

    # --- until the first token: each of these ends with `_winner` or raises -------------------

    async def _in_turn(self) -> AsyncIterator[RunEvent]:
        left = list(self.plan.candidates)
        while self._winner is None:
            candidate = left.pop(0)
            try:
                async with aclosing(self._tried(candidate)) as told:  # type: ignore[type-var]
                    async for event in told:
                        yield event
            except ProviderError as error:
                left = [] if verdict(error) is Verdict.END else left
                left = [other for other in left if can_take_over(other, candidate, error)]
                if not left:
                    raise
                yield self._fallback(left[0], error.code)

    async def _tried(self, candidate: Candidate) -> AsyncIterator[RunEvent]:
        """One candidate, as often as it makes sense."""
        for failures in range(1, candidate.max_retries + 2):
            attempt = Attempt(self._call, candidate)
            try:
                async with aclosing(_waited(attempt)) as told:  # type: ignore[type-var]
                    async for event in told:
                        yield event
                await attempt.begin()
                self._winner = attempt
                return
            except ProviderError as error:
                attempt.fail(error)
                delay = self._delay(error, candidate, failures)
                if delay is None:
                    attempt.blame(error)
                    raise
                again = Retry(attempt=failures + 1, delay_ms=round(delay * 1000), reason=error.code)
            finally:
                if self._winner is None:
                    await attempt.close()
            yield again
            await asyncio.sleep(delay)

    def _delay(self, error: ProviderError, candidate: Candidate, failures: int) -> float | None:
        if verdict(error) is not Verdict.AGAIN or failures > candidate.max_retries:
            return None
        return backoff(failures, error.retry_after, settings.PROVIDER_RETRY_AFTER_SECONDS, self._rng)

    async def _raced(self) -> AsyncIterator[RunEvent]:
        call = Call(self._call.board, self._call.request, _pumped(self._call.source), self._call.steps)
        race = Race(self.plan.candidates, self.plan.hedge_after, lambda c: Attempt(call, c))
        try:
            self._winner = await race.winner()
        finally:
            await race.close()
        if self._winner.candidate != self._shown:
            failure = race.first_failure
            yield self._fallback(self._winner.candidate, failure.code if failure else SLOW)

    def _fallback(self, to: Candidate, reason: str) -> Fallback:
        shown, self._shown = self._shown, to
        return Fallback(from_=shown.ref, to=to.ref, reason=reason)


def decided(plan: Plan, rng: Random | None = None) -> Plan:
    """In the order of asking, for a record of it. `Asking` does this by itself."""
    return ordered(plan, switchboard().busy, rng or random.SystemRandom())


def _pumped(source: Source) -> Source:
    return lambda candidate, request: pumped(source(candidate, request))


async def _waited(attempt: Attempt) -> AsyncIterator[RunEvent]:
    """Until it has a place; says how many are before it whenever that changes."""
    told = -1
    async with aclosing(attempt.admitted()) as places:  # type: ignore[type-var]
        async for ahead in places:
            if ahead != told:
                yield Progress(total=ahead, label=QUEUE)
            told = ahead
