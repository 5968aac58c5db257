"""Agents as a file: JSON or YAML, a list of what `POST /api/agents/` takes, or an object with `agents`."""

from typing import Any

import yaml
from rest_framework.exceptions import ValidationError

from chat.actions.audit import audited
from chat.agents.fields import AgentFields, agent_save
from chat.models import Agent
from providers.transfer import MAX_BYTES, PlainLoader, Unusable


def exported() -> dict[str, Any]:
    """All of them, each after those that it names."""
    rows = sorted(Agent.objects.all(), key=lambda agent: (bool(agent.team), bool(agent.stages), agent.name))
    return {"agents": [dict(AgentFields(row).data) for row in rows]}


@audited()
def imported(text: str | bytes) -> tuple[int, int]:
    """How many were made and changed. Raises Unusable, and then nothing is written."""
    saved = [_saved(fields) for fields in agents_in(text)]
    return sum(saved), len(saved) - sum(saved)


def _saved(fields: dict[str, Any]) -> bool:
    """Whether it is new."""
    try:
        return agent_save(fields, str(fields.get("name", "")))[1]
    except ValidationError as error:
        raise Unusable([f"{fields.get('name', '?')}: {error.detail}"]) from error


def agents_in(text: str | bytes) -> list[dict[str, Any]]:
    """Raises Unusable."""
    if len(text) > MAX_BYTES:
        raise Unusable([f"The file has more than {MAX_BYTES} bytes."])
    try:
        told = yaml.load(text, Loader=PlainLoader)  # nosec B506 # noqa: S506  (it is a safe loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unusable([f"It is neither JSON nor YAML: {error}"]) from error
    agents = told.get("agents") if isinstance(told, dict) else told
    if not isinstance(agents, list) or not all(isinstance(agent, dict) for agent in agents):
        raise Unusable(["It is no list of agents."])
    return agents
