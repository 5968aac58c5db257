"""Which agents there are, and what an answer by one of them asks. Reads rows; writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext

from chat.agents.stages import Stage, stages_from
from chat.errors import Invalid
from chat.models import Agent, ChatSession
from chat.pacing.wishes import PaceWish, checked_pace
from providers.briefly import briefly
from providers.catalogue import available_models, resolve
from providers.errors import ProviderError


@briefly
def agent_named(name: str) -> Agent | None:
    """Of those that are enabled. Names of models with a slash are nobody's."""
    if not name or "/" in name:
        return None
    return Agent.objects.filter(name=name, enabled=True).first()


def agent_or_invalid(name: str) -> Agent:
    agent = agent_named(name)
    if agent is None:
        raise unknown_agent(name)
    return agent


def unknown_agent(name: str) -> Invalid:
    return Invalid(f"There is no agent called {name[:80]!r} here.", code="unknown_agent", field="agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller said of one answer; empty fields and None say nothing."""

    agent: str = ""
    model: str = ""
    options: Mapping[str, Any]
    tools: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What that came to. `model` may still be empty: then the session's."""

    agent: Agent | None
    model: str
    options: dict[str, Any]
    tools: Sequence[Any] | None
    max_steps: int | None
    pace: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return self.agent.name if self.agent else ""


def chosen(wish: Wish, session: ChatSession) -> Choice:
    """The caller's word goes before the agent's. An agent may be named as a model, by the session too; a
    caller who then names another model leaves the agent. Raises Invalid."""
    named = agent_named(wish.model)
    kept = session.agent_id or ("" if wish.model else session.model)
    agent = agent_or_invalid(wish.agent) if wish.agent else named or agent_named(kept)
    asked = "" if named else wish.model
    if agent is None:
        return Choice(agent=None, model=asked, options=dict(wish.options), tools=wish.tools, max_steps=None)
    last = _last_of(agent)
    told = agent.tools if last is None or agent.tools is not None else last.tools
    return Choice(
        agent=agent,
        model=asked or agent.model or (last.model if last else ""),
        options={**(options_of(last) if last else {}), **options_of(agent), **wish.options},
        tools=told if wish.tools is None else wish.tools,
        max_steps=agent.max_steps or (last.max_steps if last else None),
        pace=pace_of(agent) or pace_of(last),
    )


def stages_of(agent: Agent | None) -> tuple[Stage, ...]:
    return stages_from(agent.stages) if agent else ()


def asks_people(agent: Agent) -> bool:
    """Whether it, or one of its team, has a question to the person among its stages."""
    team = filter(None, map(agent_named, agent.team or ()))
    return any(stage.ask for one in (agent, *team) for stage in stages_of(one))


def _last_of(agent: Agent) -> Agent | None:
    """Who writes a workflow's answer: what the workflow leaves open, that agent says."""
    stages = stages_of(agent)
    return agent_named(stages[-1].agents[0]) if stages else None


def pace_of(agent: Agent | None) -> dict[str, Any] | None:
    """As a run keeps it. A pace that is not known any more is none."""
    try:
        return checked_pace(msgspec.convert(agent.pace, PaceWish | str)) if agent and agent.pace else None
    except (Invalid, msgspec.ValidationError):
        return None


def options_of(agent: Agent) -> dict[str, Any]:
    """With the output schema where every adapter looks for it."""
    if agent.output_schema is None:
        return dict(agent.options)
    schema = {"name": agent.name, "schema": agent.output_schema, "strict": True}
    return {**agent.options, "response_format": {"type": "json_schema", "json_schema": schema}}


def system_of(agent: Agent | None, system: str) -> str:
    """The agent's instructions go before the session's."""
    return "\n\n".join(filter(None, [agent.instructions if agent else "", system]))


def models_and_agents() -> list[dict[str, Any]]:
    """Everything that may stand where a model's name does: models, routes, then agents."""
    return [*available_models(), *(_shown(agent) for agent in _listed() if _can_answer(agent))]


@briefly
def _listed() -> tuple[Agent, ...]:
    return tuple(Agent.objects.filter(enabled=True, listed=True))


def _can_answer(agent: Agent) -> bool:
    try:
        return not agent.model or bool(resolve(agent.model))
    except ProviderError:
        return False


def _shown(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.name,
        "provider": "",
        "provider_label": gettext("Agents"),
        "model": agent.name,
        "label": gettext(str(agent)),  # of those that come with Parley the language is known
        "context_length": None,
        "max_output_tokens": None,
        "capabilities": None,
        "is_default": False,
    }
