"""Agents as a file: JSON or YAML, a list of what `POST /api/agents/` takes, or an object with `agents`."""

from typing import Any

import yaml
from django.db import transaction
from rest_framework.exceptions import ValidationError

from chat.agents.fields import agent_save
from providers.transfer import PlainLoader


class Unusable(Exception):  # noqa: N818 - says what the file is
    """Says what is wrong, with the agent and the field."""


@transaction.atomic
def imported(text: str) -> tuple[int, int]:
    """How many were made and changed. Raises Unusable, and then nothing is written."""
    made = changed = 0
    for fields in agents_in(text):
        new = _saved(fields)
        made, changed = made + new, changed + (not new)
    return made, changed


def _saved(fields: dict[str, Any]) -> bool:
    try:
        return agent_save(fields, str(fields.get("name", "")))[1]
    except ValidationError as error:
        raise Unusable(f"{fields.get('name', '?')}: {error.detail}") from error


def agents_in(text: str) -> list[dict[str, Any]]:
    """Raises Unusable."""
    try:
        told = yaml.load(text, Loader=PlainLoader)  # noqa: S506  (it is a safe loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unusable(f"It is neither JSON nor YAML: {error}") from error
    agents = told.get("agents") if isinstance(told, dict) else told
    if not isinstance(agents, list) or not all(isinstance(agent, dict) for agent in agents):
        raise Unusable("It is no list of agents.")
    return agents
