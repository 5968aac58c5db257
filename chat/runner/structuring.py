"""An answer in the form that was asked for: shown as it grows, checked at its end, asked for once more where
it does not fit.

The words of such an answer are held back until they are known to fit, so that no reader, whatever its door,
takes a failed round for the answer; meanwhile `data` events show what can be read of it. A second round is a
step of the same run.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from chat.runner.naming import prefixed
from chat.runner.rounds import OUTPUT, Round, as_text, bare, value_of
from chat.runner.tooling import Ask, summed
from chat.schemas import Misfit, Unusable, check
from providers.contract import ChatMessage, ChatRequest
from providers.errors import InvalidOutput
from providers.events import Data, Finish, RunEvent, StepFinish, StepStart, Usage, UsageReport
from providers.folding import fold_all, merge_deltas
from providers.forming import ResponseFormat, instruction
from providers.parts import Parts, TextPart

REPAIR: Final = "Your answer cannot be used: {reason}\n\n{instruction}"
CUT: Final = "it was cut off before its end."


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """`request` is what the answer was asked with, its tools included, without what `begun` holds of it."""

    form: ResponseFormat
    ask: Ask
    request: ChatRequest
    begun: Parts = ()


async def structured(structure: Structure, stream: AsyncIterator[RunEvent]) -> AsyncIterator[RunEvent]:
    """`stream` is the answer in steps, last a Finish. Raises InvalidOutput, and what asking raises."""
    first = Round()
    async with aclosing(stream) as events:  # type: ignore[type-var]
        async for event in events:
            for told in first.take(event):
                yield told
    try:
        rest = _told(await _ending(first, structure.form))
    except InvalidOutput as error:
        rest = _told(first.failed(), error) if first.is_cut else _repaired(structure, first, error.detail)
    async with aclosing(rest) as events:  # type: ignore[type-var]
        async for event in events:
            yield event


async def _told(events: Iterable[RunEvent], error: InvalidOutput | None = None) -> AsyncIterator[RunEvent]:
    for event in events:
        yield event
    if error:
        raise error


async def _repaired(structure: Structure, first: Round, reason: str) -> AsyncIterator[RunEvent]:
    step = first.step + 1
    second = Round(step)
    for told in (*first.unshown(), StepStart(step=step)):
        yield told
    async with aclosing(structure.ask(_once_more(structure, first, reason))) as events:  # type: ignore[type-var]
        async for event in events:
            for told in second.take(_of_step(event, step, first.used)):
                yield told
    yield StepFinish(step=step, reason=second.reason)
    try:
        rest = _told(await _ending(second, structure.form))
    except InvalidOutput as error:
        rest = _told(second.failed(), error)
    async for event in rest:
        yield event


def _once_more(structure: Structure, first: Round, reason: str) -> ChatRequest:
    """The same question, with the answer that failed and why. No tool is called any more."""
    request = structure.request
    said = fold_all(structure.begun, merge_deltas(first.seen))
    failed = TextPart(text=first.text or "(nothing)")
    why = REPAIR.format(reason=reason, instruction=instruction(structure.form))
    messages = (
        *request.messages,
        ChatMessage(role="assistant", parts=(*said, failed)),
        ChatMessage(role="user", parts=(TextPart(text=why),)),
    )
    return replace(request, messages=messages, tool_choice="none" if request.tools else "")


def _of_step(event: RunEvent, step: int, used: Usage | None) -> RunEvent:
    """Part ids that the first round has not used, and totals of the whole answer."""
    if isinstance(event, UsageReport):
        return UsageReport(usage=summed(used, event.usage))
    return prefixed(event, f"{step}.")


async def _ending(answer: Round, form: ResponseFormat) -> list[RunEvent]:
    """The events of a text that fits, and the end. Raises InvalidOutput, with the reason as its detail."""
    if answer.finish and answer.finish.reason == "tool_calls":  # the caller's: the answer follows later
        return [*answer.release(), answer.finish]
    if answer.is_cut:
        raise _invalid(CUT)
    text = bare(answer.text)
    try:
        value = value_of(text)
        await asyncio.to_thread(check, value, form.schema)
    except (Misfit, Unusable, ValueError, RecursionError) as error:
        raise _invalid(str(error)) from error
    return [*as_text(text), Data(name=OUTPUT, value=value), answer.finish or Finish()]


def _invalid(reason: str) -> InvalidOutput:
    return InvalidOutput(f"{InvalidOutput.message} {reason}", detail=reason)
