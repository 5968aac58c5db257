"""Agents that come and go within one answer (a part of `providers/events.py`)."""

from typing import TypeAlias

from providers.event import Event


class AgentStart(Event, frozen=True, omit_defaults=True):
    """An agent begins its part of the answer. What it writes is in the stream of its own run, `child_id`, or
    follows here where that is empty."""

    name: str
    label: str = ""
    stage: str = ""
    child_id: str = ""


class AgentFinish(Event, frozen=True, omit_defaults=True):
    name: str
    stage: str = ""
    child_id: str = ""


class AgentError(Event, frozen=True, omit_defaults=True):
    """It gave nothing, or not all; the others go on."""

    name: str
    code: str
    message: str
    stage: str = ""
    child_id: str = ""


AgentEvent: TypeAlias = AgentStart | AgentFinish | AgentError
