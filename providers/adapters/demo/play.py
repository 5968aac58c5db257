"""Which steps a demo model takes, and how they are played in time."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from providers.adapters.demo import texts
from providers.adapters.demo.calling import after_calls, call_steps, rounds_of_calls, steps_with_tools
from providers.adapters.demo.options import FAILURES, DemoOptions, Step
from providers.adapters.writing import PartWriter
from providers.contract import ChatRequest
from providers.errors import ModelNotFound
from providers.events import Finish, FinishReason, RunEvent, Usage, UsageReport

MODELS: Final = {
    "chat": "Demo chat",
    "long": "Demo: a long answer",
    "fast": "Demo: as fast as it can",
    "reason": "Demo: reasoning first",
    "tools": "Demo: tools",
    "fail": "Demo: fails",
}
CALLING: Final = frozenset({"chat", "tools"})  # the tools that the message names
RATES: Final = {"long": 50.0, "fast": 0.0}  # tokens per second; 0 for as fast as it can
DEFAULT_RATE: Final = 60.0
DEFAULT_TOKENS: Final = {"long": 2000, "fast": 2000}
SHORT: Final = 64  # tokens below which an answer of `chat` has no room for thoughts before it
BURST: Final = 0.01  # seconds of tokens that are given out at once: shorter sleeps cost more than they pace
CHUNK: Final = 64  # tokens after which others get their turn, however fast this one is


def steps_for(request: ChatRequest, message: str, options: DemoOptions) -> Iterator[Step]:
    """What the model does with `message`, token by token. Raises ModelNotFound."""
    model = request.model
    if options.script is not None:
        return _cut(after_calls(options.script, rounds_of_calls(request)))
    if model not in MODELS:
        raise ModelNotFound
    with_tools = steps_with_tools(request, message) if model in CALLING else []
    if with_tools:
        return _cut(with_tools)
    count = options.tokens if options.tokens is not None else DEFAULT_TOKENS.get(model)
    if count is not None and model != "fail":
        return (Step(text=token) for token in texts.many_tokens(message, options.seed or 0, count))
    told = _told(model, message, options.seed or 0)
    short = model == "chat" and (options.max_tokens or SHORT) < SHORT
    return _cut([step for step in told if step.reasoning is None] if short else told)


def _told(model: str, message: str, seed: int) -> list[Step]:
    thoughts = Step(reasoning=texts.thoughts(message, seed, 40 if model == "reason" else 2))
    if model == "fail":
        return [Step(text=texts.FAILING), Step(error="provider_failed")]
    return [thoughts, Step(text=texts.chat_text(message, seed))]


def _cut(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.tool is not None:
            yield from call_steps(step)
        elif step.text is not None:
            yield from (Step(text=token) for token in texts.tokens_of(step.text))
        elif step.reasoning is not None:
            yield from (Step(reasoning=token) for token in texts.tokens_of(step.reasoning))
        else:
            yield step


class Player:
    """Plays steps at a rate and counts what it says. One per answer."""

    def __init__(
        self, steps: Iterator[Step], *, rate: float, most: int | None, taken: Iterable[str] = ()
    ) -> None:
        self._steps = steps
        self._gap = 1 / rate if rate else 0.0
        self._most = most
        self._said = self._reasoned = 0
        self._due = asyncio.get_running_loop().time()
        self._reason: FinishReason = "stop"
        self._writer = PartWriter(taken)
        self._called = 0

    async def events(self, input_tokens: int) -> AsyncIterator[RunEvent]:
        """Raises the ProviderError that a step names."""
        for step in self._steps:
            if self._ends_with(step):
                break
            self._take(step)
            if self._ahead > BURST or self._said % CHUNK == 0 or step.error:
                for event in self._writer.take():
                    yield event
                await self._rest(step)
        self._writer.end()
        if self._called and self._reason == "stop":
            self._reason = "tool_calls"
        for event in (*self._writer.take(), self._usage(input_tokens), Finish(reason=self._reason)):
            yield event

    @property
    def _ahead(self) -> float:
        return self._due - asyncio.get_running_loop().time()

    def _ends_with(self, step: Step) -> bool:
        if self._most is not None and self._said >= self._most:
            self._reason = "length"
        elif step.finish:
            self._reason = step.finish
        else:
            return False
        return True

    def _take(self, step: Step) -> None:
        if step.wait:
            self._due += max(0.0, -self._ahead) + step.wait
        elif step.tool is not None:
            self._call(step.tool)
        elif step.arguments:
            self._writer.arguments(self._called, str(step.arguments))
            self._spoke()
        elif step.text is not None or step.reasoning is not None:
            self._writer.reasoning(step.reasoning or "")
            self._writer.text(step.text or "")
            self._spoke()
            self._reasoned += step.reasoning is not None

    def _call(self, name: str) -> None:
        self._writer.end_call(self._called)
        self._called += 1
        self._writer.call(self._called, name=name)

    def _spoke(self) -> None:
        self._due += self._gap
        self._said += 1

    async def _rest(self, step: Step) -> None:
        if step.error:
            raise FAILURES[step.error]
        await asyncio.sleep(max(0.0, self._ahead))

    def _usage(self, input_tokens: int) -> UsageReport:
        return UsageReport(
            usage=Usage(input_tokens=input_tokens, output_tokens=self._said, reasoning_tokens=self._reasoned)
        )
