"""The agents of an answer as one `data` part of its message: who they are, how far each is, where it writes.

`{"done", "total", "label", "agents": [{"name", "label", "stage", "run_id", "state", "message"?}]}`, where
`state` is `running`, `done` or `failed`, and `run_id` is empty for who writes the answer itself. Pages draw
lanes from it, also long after the events are gone. Pure.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from chat.tools.asking import QUESTION
from providers.agent_events import AgentError, AgentEvent, AgentFinish, AgentStart
from providers.events import Data, Progress, RunEvent
from providers.parts import DataPart, Part, Parts, ToolCallPart, ToolResultPart

LANES: Final = "agents"
MISSING: Final = "missing"


class Lanes:
    """Begins with what the message says of agents already."""

    def __init__(self, parts: Parts) -> None:
        told: dict[str, Any] = next(
            (p.value for p in parts if isinstance(p, DataPart) and p.name == LANES), {}
        )
        self._agents: list[dict[str, str]] = [dict(agent) for agent in told.get("agents", ())]
        self._progress: dict[str, Any] = {"done": 0, "total": 0, "label": "", **told}
        self._progress.pop("agents", None)

    def is_news(self, event: RunEvent, *, staged: bool) -> bool:
        """False for what was told before of an agent or, in stages, of the work as a whole."""
        match event:
            case AgentStart():
                return self._find(event) is None
            case AgentFinish() | AgentError():
                known = self._find(event)
                return known is None or known["state"] == "running"
            case Progress() if staged:
                return event.done > self._done or (
                    event.done == self._done and self._of(event) != self._progress
                )
            case _:
                return True

    def after(self, event: RunEvent, *, staged: bool) -> Data | None:
        """What the part is after this event; None where it stays as it is. Only in stages is `progress` that
        of the agents."""
        match event:
            case AgentStart() | AgentFinish() | AgentError():
                self._note(event)
            case Progress() if staged:
                self._progress = self._of(event)
            case _:
                return None
        return Data(name=LANES, value={**self._progress, "agents": [dict(agent) for agent in self._agents]})

    @property
    def _done(self) -> int:
        return int(self._progress["done"])

    def _note(self, event: AgentEvent) -> None:
        match event:
            case AgentStart():
                where = {"stage": event.stage, "run_id": event.child_id}
                self._agents.append({"name": event.name, "label": event.label, **where, "state": "running"})
            case AgentFinish() | AgentError():
                found = self._find(event)
                if found is not None:
                    found["state"] = "done" if isinstance(event, AgentFinish) else "failed"
                    found |= {"message": event.message} if isinstance(event, AgentError) else {}
                if not event.child_id:  # who writes the answer is the last
                    self._progress["done"] = self._progress["total"]

    def _find(self, event: AgentEvent) -> dict[str, str] | None:
        return next((agent for agent in self._agents if _is(agent, event)), None)

    @staticmethod
    def _of(event: Progress) -> dict[str, Any]:
        return {"done": event.done, "total": event.total, "label": event.label}


def written(parts: Parts) -> Parts:
    """What the model that answers wrote, without what the workflow around it told and asked."""
    return tuple(part for part in parts if not _is_told(part))


def _is_told(part: Part) -> bool:
    match part:
        case DataPart(name=name):
            return name in (LANES, MISSING)
        case ToolCallPart(id=id_) | ToolResultPart(id=id_):
            return id_.startswith(QUESTION)
        case _:
            return False


def is_lanes(event: object) -> bool:
    """Not a word of the answer."""
    return isinstance(event, Data) and event.name == LANES


def _is(agent: dict[str, str], event: AgentEvent) -> bool:
    return (agent["name"], agent["stage"], agent["run_id"]) == (event.name, event.stage, event.child_id)


async def with_lanes(
    events: AsyncIterator[RunEvent], lanes: Lanes, *, staged: bool = False
) -> AsyncIterator[RunEvent]:
    """The events without what was told of agents before, and after each that changes it, the part."""
    async with aclosing(events) as stream:  # type: ignore[type-var]
        async for event in stream:
            if not lanes.is_news(event, staged=staged):
                continue
            yield event
            if (shown := lanes.after(event, staged=staged)) is not None:
                yield shown
