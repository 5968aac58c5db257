"""Executing one run: claim it, read its provider's events into the log, settle it. Only this ends a run."""

import asyncio
import logging
import time
from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

import msgspec

from chat.actions.routing import run_route, run_step
from chat.actions.runs import Outcome, run_claim, run_settle
from chat.agents.lanes import is_lanes, written
from chat.db import in_database
from chat.errors import LeaseLost
from chat.events import run_envelope
from chat.log import folded
from chat.logs import begin_run
from chat.metrics import LEASES_LOST
from chat.models import Run
from chat.runner.answering import answer
from chat.runner.asking import RunAsking
from chat.runner.naming import prefixed
from chat.runner.requests import Assignment, assignment_for
from chat.runner.resting import Rest
from chat.runner.staging import Staging
from chat.runner.tooling import NeedsDecision
from chat.runner.writer import GroupCommit, QuietLog, RunLog, persistently
from chat.tracing import run_span
from providers.errors import ProviderError
from providers.estimating import estimated_usage
from providers.events import (
    Abort,
    Data,
    Delta,
    Error,
    Fallback,
    Finish,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    RunEvent,
    RunStart,
    Timings,
    Usage,
    UsageReport,
)
from providers.folding import closing_events

logger = logging.getLogger(__name__)


class AgentTimeoutError(ProviderError):
    """Its agent may take so many seconds, and no longer. What was written is kept."""

    code = "agent_timeout"
    message = "The agent took longer than it may."


class Execution:
    """One attempt at one run by this process."""

    def __init__(self, run: Run, log: RunLog) -> None:
        self.run = run
        self.assignment: Assignment | None = None
        self._asking: RunAsking | None = None
        self._rest = Rest()
        self._log = log
        self._claimed = time.monotonic()
        self._first_token_ms: int | None = None
        self._thinking_since = 0
        self._thought_ms = 0
        self._usage = msgspec.convert(run.usage, Usage) if run.usage else None  # before a person was asked
        self._generation: asyncio.Task[RunEnd] | None = None
        self._stopped = False
        self._abandoned = False
        self._goes_on = bool(log.parts)

    def stop(self) -> None:
        """Close the upstream now. The run ends as cancelled as soon as that is done."""
        self._stopped = True
        if self._generation:
            self._generation.cancel()

    async def abandon(self) -> None:
        """Stop writing, settle nothing: the run is handed over. What was logged by then is committed."""
        self._abandoned = True
        if self._generation:
            self._generation.cancel()
            await asyncio.wait([self._generation])
        await self._log.flushed()

    @property
    def waits(self) -> bool:
        """For other runs: it takes no place away from them."""
        return self._rest.on

    async def execute(self) -> None:
        begin_run(self.run.id, self.run.session_id)
        with run_span(self.run):
            await self._execute()

    async def _execute(self) -> None:
        self._generation = asyncio.create_task(self._generate())
        if self._stopped:
            self._generation.cancel()
        try:
            await asyncio.wait([self._generation])
            if self._abandoned or _waits_for_a_person(self._generation):
                return
            await self._settle(self._ending(self._generation))
        except LeaseLost:
            LEASES_LOST.inc()
            logger.warning("run %s: lost to another owner", self.run.id)
        finally:
            self._generation.cancel()

    async def _generate(self) -> RunEnd:
        asking, staging = await self._prepared()
        seconds = self.assignment.seconds if self.assignment else None
        try:
            async with asyncio.timeout(seconds) as limit:
                return await self._written(asking, staging)
        except TimeoutError:
            if not limit.expired():
                raise
            raise AgentTimeoutError from None

    async def _written(self, asking: RunAsking, staging: Staging) -> RunEnd:
        end: RunEnd | None = None
        async with aclosing(answer(self.run, self._log, asking, staging)) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, Finish):
                    end = event
                elif isinstance(event, UsageReport):
                    self._usage = event.usage
                else:
                    self._note_first_token(event)
                    self._note_thinking(event)
                    await self._log.add(self._named(event))
                    if isinstance(event, Fallback):
                        await persistently(run_step, run=self.run, steps=asking.steps, asked=event.to)
        return end or Error(code="provider_stream_broken", message="The provider's answer broke off.")

    async def _prepared(self) -> tuple[RunAsking, Staging]:
        """Whom to ask what. The start is told in any case, as the first that a reader sees of an attempt."""
        run = self.run
        try:
            self.assignment = await persistently(assignment_for, run, written(self._log.parts))
            self._asking = RunAsking(run, self.assignment)
            if self._asking.has_choice:
                await persistently(run_route, run=run, plan=self._asking.plan)
            staging = Staging(run, self.assignment.stages, self.assignment.request, self._rest)
            return self._asking, staging
        finally:
            await self._log.add(RunStart(provider=run.provider, model=run.model, attempt=run.attempt))

    def _named(self, event: RunEvent) -> RunEvent:
        """Where an attempt goes on from the last one's text, its parts must not have the same names."""
        return prefixed(event, f"{self.run.attempt}.") if self._goes_on else event

    def _note_first_token(self, event: object) -> None:
        if self._first_token_ms is None and isinstance(event, Delta | Data) and not is_lanes(event):
            self._first_token_ms = self._elapsed_ms()

    def _note_thinking(self, event: object) -> None:
        if isinstance(event, ReasoningStart):
            self._thinking_since = self._elapsed_ms()
        elif isinstance(event, ReasoningEnd):
            self._thought_ms += self._elapsed_ms() - self._thinking_since

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._claimed) * 1000)

    def _ending(self, generation: "asyncio.Task[RunEnd]") -> RunEnd:
        """What the generation came to, as the event that ends the run."""
        if generation.cancelled():
            return Abort()
        match generation.exception():
            case None:
                return generation.result()
            case LeaseLost() as lost:
                raise lost
            case ProviderError() as error:
                logger.warning("run %s: %s: %s", self.run.id, error.code, error.detail or error.message)
                return Error(code=error.code, message=error.message, retryable=error.retryable)
            case error:
                logger.error("run %s failed", self.run.id, exc_info=error)
                return Error(code="internal", message="Something went wrong on this server.", retryable=True)

    async def _settle(self, end: RunEnd) -> None:
        await self._log.flushed()
        parts = self._log.parts
        outcome = _told_in_full(self._outcome(end))
        reports = [UsageReport(usage=outcome.usage)] if outcome.usage else []
        await persistently(
            run_settle,
            run=self.run,
            last_seq=self._log.last_seq,
            parts=parts,
            events=[*closing_events(parts), *reports],
            outcome=outcome,
        )

    def _outcome(self, end: RunEnd) -> Outcome:
        """What was used is billed however the run ended; it is estimated where the provider did not say."""
        timings = Timings(
            first_token_ms=self._first_token_ms,
            total_ms=self._elapsed_ms(),
            reasoning_ms=self._thought_ms or msgspec.UNSET,
        )
        if self.assignment is None or self._asking is None:
            return Outcome(end=end, timings=timings)
        usage = self._usage
        if usage is None and (words := written(self._log.parts)):
            usage = estimated_usage(self._asking.sent(self.assignment.request), words)
        return Outcome(
            end=end,
            usage=usage,
            cost=self._asking.cost(usage),
            price=self._asking.price if usage else None,
            timings=timings,
            steps=self._asking.steps,
            answering=self._asking.answering,
            context=self._asking.context if self.assignment.context is None else self.assignment.context,
            summarize_to=self._asking.summarize_to,
        )


def _waits_for_a_person(generation: "asyncio.Task[RunEnd]") -> bool:
    """Then the run was let go of already."""
    return not generation.cancelled() and isinstance(generation.exception(), NeedsDecision)


def _told_in_full(outcome: Outcome) -> Outcome:
    """A finish says what the run came to."""
    if not isinstance(outcome.end, Finish):
        return outcome
    cost = None if outcome.cost is None else format(outcome.cost, "f")
    told = {"usage": outcome.usage, "cost": cost, "timings": outcome.timings}
    return replace(outcome, end=msgspec.structs.replace(outcome.end, **told))


async def claimed_execution(
    run_id: UUID, owner: str, writer: GroupCommit, *, background: bool
) -> Execution | None:
    """Take the run, or None where another runner was first, or it is background work that is to wait."""
    run = await in_database(run_claim, run_id=run_id, owner=owner, background=background)
    if run is None:
        return None
    before = await persistently(folded, run.stream) if run.attempt > 1 or run.resumes else ((), 0)
    envelope = run_envelope(run.session_id, run.id, run.message_id, run.agent)
    return Execution(run, QuietLog(envelope, writer, *before) if run.kind else writer.open(envelope, *before))
