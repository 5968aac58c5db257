"""The loop of an answer with tools: ask the model, run what it calls, ask again with what came of it.

It owns no socket and no lease: it is an iterator of run events around the asking of a model. It may begin at
any point of an answer, from the parts that the log holds, and so goes on after a person's decision in another
process.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec
from django.conf import settings

from chat.actions.call_endings import open_calls
from chat.actions.tool_calls import call_end, calls_of, calls_request
from chat.models import Run, ToolCall
from chat.runner.calling import Calls, failed
from chat.runner.judging import Verdict, judged
from chat.runner.naming import StepNames
from chat.runner.resting import Rest
from chat.runner.writer import persistently
from chat.tools.catalogue import Toolbox
from chat.tools.errors import ToolError
from providers.contract import ChatMessage, ChatRequest
from providers.events import (
    Finish,
    FinishReason,
    RunEvent,
    StepFinish,
    StepStart,
    ToolApprovalRequest,
    Usage,
    UsageReport,
)
from providers.folding import fold_all, merge_deltas
from providers.parts import Parts, ToolCallPart, ToolResultPart

Ask = Callable[[ChatRequest], AsyncIterator[RunEvent]]

CUT_OFF: Final[frozenset[FinishReason]] = frozenset({"length", "content_filter", "context"})
REST_SECONDS: Final = 0.1  # after a decision, or a stop, that came just as the run was to be let go of
LIMIT: Final = ToolError("Tools were called too often in this answer.", code="tool_limit_reached")
CUT: Final = ToolError("The answer was cut off, and the call was not run.", code="tool_not_run")


class NeedsDecision(Exception):  # noqa: N818 - nothing went wrong
    """The run can only go on after a person decided on a call: let go of it until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the loop begins: what the log holds, what that has used, and ids of calls that other attempts
    made."""

    parts: Parts = ()
    usage: Usage | None = None
    taken: frozenset[str] = frozenset()


class ToolLoop:
    """One run's answer. `request` is without what this answer already says; `flushed` returns when all that
    was yielded is in the log; `let_go` gives the run up until somebody decides, unless somebody just has
    (then it gives False); `rest` is told while only other runs are waited for."""

    def __init__(
        self,
        *,
        run: Run,
        ask: Ask,
        request: ChatRequest,
        toolbox: Toolbox,
        begun: Begun,
        flushed: Callable[[], Awaitable[None]],
        let_go: Callable[[Usage | None], Awaitable[bool]],
        rest: Rest,
    ) -> None:
        self._run = run
        self._ask = ask
        self._request = replace(request, tools=toolbox.offered)
        self._toolbox = toolbox
        self._flushed = flushed
        self._let_go = let_go
        self._rest = rest
        self._begun = begun
        self._parts = begun.parts
        self._used = begun.usage
        self._step = _steps_in(begun.parts)
        self._finish: Finish | None = None  # of the last step, none before the first

    async def events(self) -> AsyncIterator[RunEvent]:
        """Last a Finish. Raises NeedsDecision, LeaseLost, and what asking raises."""
        while True:
            answering = bool(open_calls(self._parts))
            seen: list[RunEvent] = []
            async with aclosing(self._answers() if answering else self._model()) as events:  # type: ignore[type-var]
                async for event in events:
                    seen.append(event)
                    yield event
            self._parts = fold_all(self._parts, merge_deltas(seen))
            end = None if open_calls(self._parts) else self._end(answering)
            if end:
                yield end
                return

    def _end(self, answered: bool) -> Finish | None:
        """How the answer ends here, or None where the model is asked again."""
        if _open_for_caller(self._parts):
            return msgspec.structs.replace(self._finish or Finish(), reason="tool_calls")
        if answered and not self._barred:
            return None
        if answered and self._barred is LIMIT and self._finish:
            return msgspec.structs.replace(self._finish, reason="other", raw_reason=LIMIT.code)
        return self._finish

    @property
    def _barred(self) -> ToolError | None:
        """Why the calls of the last step may not run."""
        if self._finish and self._finish.reason in CUT_OFF:
            return CUT
        return LIMIT if self._finish and self._is_last_step else None

    @property
    def _is_last_step(self) -> bool:
        limit: int = self._run.max_steps or settings.TOOL_MAX_STEPS
        return self._step >= limit

    # --- a step of the model ----------------------------------------------------------------

    async def _model(self) -> AsyncIterator[RunEvent]:
        self._step += 1
        yield StepStart(step=self._step)
        names = self._names()
        spent, finish = None, Finish()
        async with aclosing(self._ask(self._step_request())) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, Finish):
                    finish = event
                elif isinstance(event, UsageReport):
                    spent = summed(self._used, event.usage)
                    yield UsageReport(usage=spent)
                else:
                    yield names.of(event)
        self._used = spent or self._used
        self._finish = finish
        yield StepFinish(step=self._step, reason=finish.reason)

    def _names(self) -> StepNames:
        calls = {part.id for part in self._parts if isinstance(part, ToolCallPart)}
        prefix = f"{self._step}." if self._parts else ""
        return StepNames(prefix, calls | self._begun.taken, self._toolbox)

    def _step_request(self) -> ChatRequest:
        """The last step that is allowed is asked for words. A call that was demanded is demanded once."""
        said = (ChatMessage(role="assistant", parts=self._parts),) if self._parts else ()
        choice = self._request.tool_choice
        if self._is_last_step:
            choice = "none"
        elif self._step > 1 and choice != "none":
            choice = ""
        return replace(self._request, messages=(*self._request.messages, *said), tool_choice=choice)

    # --- answers to its calls ---------------------------------------------------------------

    async def _answers(self) -> AsyncIterator[RunEvent]:
        """Of all open calls. Raises NeedsDecision where only those are left that wait for a person."""
        await self._flushed()
        rows = await persistently(calls_of, self._run.id)
        verdicts = [self._judged(part, rows.get(part.id)) for part in open_calls(self._parts)]
        if all(verdict.waits for verdict in verdicts):
            await self._wait()
        ready = [verdict.runs for verdict in verdicts if verdict.runs]
        for work in (self._told(verdicts), Calls(self._run, ready, self._rest).events()):
            async with aclosing(work) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event

    async def _wait(self) -> None:
        """Raises NeedsDecision, unless a decision or a stop came just now."""
        if await self._let_go(self._used):
            raise NeedsDecision
        await asyncio.sleep(REST_SECONDS)

    def _judged(self, part: ToolCallPart, row: ToolCall | None) -> Verdict:
        return judged(part, row, self._toolbox.server.get(part.name), self._barred)

    async def _told(self, verdicts: list[Verdict]) -> AsyncIterator[RunEvent]:
        for verdict in verdicts:
            for event in verdict.say:
                yield event
            if verdict.fails:
                yield await self._refused(verdict, verdict.fails)
        asking = [verdict.call for verdict in verdicts if verdict.asks]
        if asking:
            await persistently(partial(calls_request, run=self._run, calls=asking))
        for call in asking:
            yield ToolApprovalRequest(
                tool_call_id=call.tool_call_id, tool_name=call.tool, arguments=call.arguments
            )

    async def _refused(self, verdict: Verdict, error: ToolError) -> RunEvent:
        ended = partial(call_end, run=self._run, call=verdict.call, code=error.code, message=error.message)
        await persistently(ended)
        return failed(verdict.call, error)


def _open_for_caller(parts: Parts) -> bool:
    answered = {part.id for part in parts if isinstance(part, ToolResultPart)}
    calls = (part for part in parts if isinstance(part, ToolCallPart))
    return any(call.executor == "client" and call.id not in answered for call in calls)


def _steps_in(parts: Parts) -> int:
    """Each step of an answer that goes on ended with calls, whose results stand before the next step."""
    before = (None, *parts)
    return sum(
        isinstance(part, ToolResultPart) and not isinstance(last, ToolResultPart)
        for last, part in zip(before, parts, strict=False)
    )


def summed(before: Usage | None, now: Usage) -> Usage:
    """Of an answer that asked several times."""
    if before is None:
        return now
    return Usage(
        input_tokens=before.input_tokens + now.input_tokens,
        output_tokens=before.output_tokens + now.output_tokens,
        reasoning_tokens=before.reasoning_tokens + now.reasoning_tokens,
        cache_read_tokens=before.cache_read_tokens + now.cache_read_tokens,
        cache_write_tokens=before.cache_write_tokens + now.cache_write_tokens,
        estimated=before.estimated or now.estimated,
    )
