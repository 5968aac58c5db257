"""A workflow's stages, one after the other: opens each, waits for its agents, and tells how far it is.

The agents' runs are rows that any process may execute; this only watches them. What a workflow has done is in
those rows, so another attempt at it goes on at the stage that was running. The last stage is no child: its
agent writes the answer in the workflow's own run.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Final

from chat.actions.stages import Child, Stopping, children_of, label_of, missing_from, stage_open
from chat.agents.catalogue import agent_named, system_of
from chat.agents.conditions import Condition
from chat.agents.lanes import MISSING
from chat.agents.stages import Output, Stage, filled, input_of, start_of
from chat.models import Run
from chat.runner.handing import LOOK_EVERY, ended, started
from chat.runner.history import with_input
from chat.runner.inquiring import Inquiry
from chat.runner.resting import Rest
from chat.runner.writer import persistently
from providers.contract import ChatRequest
from providers.errors import ProviderFailed
from providers.events import AgentFinish, AgentStart, Data, Finish, Progress, RunEvent
from providers.parts import Parts, text_of

ALL_FAILED: Final = "None of the agents of this stage could answer."

Wait = Callable[[], Awaitable[None]]


class Staging:
    """One attempt at a workflow. `request` is what the last stage asks, once `events` has come to its end."""

    def __init__(self, run: Run, stages: tuple[Stage, ...], request: ChatRequest, rest: Rest) -> None:
        self.request = request
        self.rest = rest
        self._run = run
        self._stages = stages
        self._message = next((text_of(m.parts) for m in reversed(request.messages) if m.role == "user"), "")
        self._outputs: dict[str, list[Output]] = {stage.name: [] for stage in stages}
        self._rounds: Counter[str] = Counter()
        self._missing: list[dict[str, str]] = []
        self._done = 0
        self._total = sum(stage.weight for stage in stages)

    async def events(self, shown: Parts, wait: Wait) -> AsyncIterator[RunEvent]:
        """Of all stages but the last, from the first on, however much of it was told before. `shown` is what
        the message holds, `wait` lets the run go until a person decides. Raises LeaseLost, NeedsDecision,
        ProviderError where a whole stage failed, and CancelledError after a stop."""
        index = 0
        while index < len(self._stages) - 1:
            stage = self._stages[index]
            if stage.when and not self._holds(stage.when):
                self._outputs[stage.name] = []
                self._total -= stage.weight
                index += 1
                continue
            async for event in self._entered(index, shown, wait):
                yield event
            index = self._next(index)
        if self._missing:
            yield Data(name=MISSING, value=self._missing)
        if self._stages:
            last = self._stages[-1]
            yield self._progress(last)
            self.request = await persistently(self._last_request, last)
            label = await persistently(label_of, last.agents[0])
            yield AgentStart(name=last.agents[0], label=label, stage=last.name)

    async def ended(self, events: AsyncIterator[RunEvent]) -> AsyncIterator[RunEvent]:
        """The last stage's events, with the agent's end before the run's."""
        async for event in events:
            if isinstance(event, Finish) and self._stages:
                last = self._stages[-1]
                self._done = self._total
                yield AgentFinish(name=last.agents[0], stage=last.name)
                yield self._progress(last)
            yield event

    # --- from stage to stage ----------------------------------------------------------------

    def _entered(self, index: int, shown: Parts, wait: Wait) -> AsyncIterator[RunEvent]:
        stage = self._stages[index]
        self._rounds[stage.name] += 1
        count = self._rounds[stage.name]
        key = stage.name if count == 1 else f"{stage.name}.{count}"
        if stage.ask:
            return self._question(stage, key, shown, wait)
        return self._stage(stage, key, input_of(self._stages, index, self._message, self._outputs))

    def _next(self, index: int) -> int:
        """Back where a loop has another round, otherwise on."""
        stage = self._stages[index]
        repeat, rounds = stage.repeat, self._rounds[stage.name]
        if repeat is None or rounds == repeat.most or self._holds(repeat.until):
            return index + 1
        start = start_of(self._stages, index)
        self._total += sum(again.weight for again in self._stages[start : index + 1])
        return start

    def _holds(self, condition: Condition) -> bool:
        return condition.holds(filled(condition.text, self._message, self._outputs))

    # --- one stage --------------------------------------------------------------------------

    async def _question(self, stage: Stage, key: str, shown: Parts, wait: Wait) -> AsyncIterator[RunEvent]:
        yield self._progress(stage)
        inquiry = Inquiry(self._run, key, filled(stage.ask, self._message, self._outputs), shown)
        async for event in inquiry.events(wait):
            yield event
        self._outputs[stage.name] = [inquiry.output]
        self._done += 1
        yield self._progress(stage)

    async def _stage(self, stage: Stage, key: str, text: str) -> AsyncIterator[RunEvent]:
        yield self._progress(stage)
        children = await self._opened(stage, key, text)
        for child in children:
            yield started(child)
        told: set[str] = set()
        while True:
            for child in children:
                if child.over and child.output.agent not in told:
                    told.add(child.output.agent)
                    self._done += 1
                    yield ended(child)
                    yield self._progress(stage)
            if len(told) == len(children):
                break
            children = await self._looked(stage, key)
        self._keep(stage, children)

    async def _opened(self, stage: Stage, key: str, text: str) -> list[Child]:
        try:
            return await persistently(partial(stage_open, run=self._run, stage=stage, key=key, text=text))
        except Stopping:
            raise asyncio.CancelledError from None

    async def _looked(self, stage: Stage, key: str) -> list[Child]:
        self.rest.on = True
        try:
            await asyncio.sleep(LOOK_EVERY)
            return await persistently(children_of, self._run, key, stage.agents)
        finally:
            self.rest.on = False

    def _keep(self, stage: Stage, children: list[Child]) -> None:
        missing = missing_from(children)
        if len(missing) == len(children):
            raise ProviderFailed(ALL_FAILED, detail=str(missing))
        self._missing += missing
        self._outputs[stage.name] = [child.output for child in children]

    def _progress(self, stage: Stage) -> Progress:
        return Progress(done=self._done, total=self._total, label=stage.title)

    def _last_request(self, stage: Stage) -> ChatRequest:
        text = input_of(self._stages, len(self._stages) - 1, self._message, self._outputs)
        system = system_of(agent_named(stage.agents[0]), self.request.system)
        return replace(self.request, messages=with_input(self.request.messages, text), system=system)
