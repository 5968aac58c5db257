"""A workflow's stages, one after the other: opens each, waits for its agents, and tells how far it is.

The agents' runs are rows that any process may execute; this only watches them. What a workflow has done is in
those rows, so another attempt at it goes on at the stage that was running. The last stage is no child: its
agent writes the answer in the workflow's own run.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from chat.actions.stages import Child, Stopping, children_of, label_of, missing_from, stage_open
from chat.agents.catalogue import agent_named, system_of
from chat.agents.stages import Output, Stage, input_of
from chat.models import Run
from chat.runner.history import with_input
from chat.runner.writer import persistently
from providers.contract import ChatRequest
from providers.errors import ProviderFailed
from providers.events import AgentError, AgentFinish, AgentStart, Data, Finish, Progress, RunEvent
from providers.parts import text_of

LOOK_EVERY: Final = 0.2  # seconds between two looks at the agents' rows
ALL_FAILED: Final = "None of the agents of this stage could answer."


class Staging:
    """One attempt at a workflow. `request` is what the last stage asks, once `events` has come to its end."""

    def __init__(self, run: Run, stages: tuple[Stage, ...], request: ChatRequest) -> None:
        self.request = request
        self.waits = False  # for other runs: it needs no place of its own
        self._run = run
        self._stages = stages
        self._message = next((text_of(m.parts) for m in reversed(request.messages) if m.role == "user"), "")
        self._outputs: dict[str, list[Output]] = {}
        self._missing: list[dict[str, str]] = []
        self._done = 0
        self._total = sum(len(stage.agents) for stage in stages)

    async def events(self) -> AsyncIterator[RunEvent]:
        """Of all stages but the last. Raises LeaseLost, ProviderError where a whole stage failed, and
        CancelledError after a stop."""
        for index, stage in enumerate(self._stages[:-1]):
            yield self._progress(stage)
            async for event in self._stage(index, stage):
                yield event
        if self._missing:
            yield Data(name="missing", value=self._missing)
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

    async def _stage(self, index: int, stage: Stage) -> AsyncIterator[RunEvent]:
        text = input_of(self._stages, index, self._message, self._outputs)
        children = await self._opened(stage, text)
        for child in children:
            label = child.output.label
            yield AgentStart(name=child.output.agent, label=label, stage=stage.name, child_id=str(child.id))
        told: set[str] = set()
        while True:
            for child in children:
                if child.over and child.output.agent not in told:
                    told.add(child.output.agent)
                    self._done += 1
                    yield _end_of(child, stage)
                    yield self._progress(stage)
            if len(told) == len(children):
                break
            children = await self._looked(stage)
        self._keep(stage, children)

    async def _opened(self, stage: Stage, text: str) -> list[Child]:
        try:
            return await persistently(stage_open, run=self._run, stage=stage, text=text)
        except Stopping:
            raise asyncio.CancelledError from None

    async def _looked(self, stage: Stage) -> list[Child]:
        self.waits = True
        try:
            await asyncio.sleep(LOOK_EVERY)
            return await persistently(children_of, self._run, stage)
        finally:
            self.waits = False

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


def _end_of(child: Child, stage: Stage) -> RunEvent:
    where = {"name": child.output.agent, "stage": stage.name, "child_id": str(child.id)}
    if not child.code:
        return AgentFinish(**where)
    return AgentError(code=child.code, message=child.output.missing, **where)
