"""The agents that come with Parley: data in `definitions/`, made at the start where their names are free."""

from pathlib import Path
from typing import Any, Final

from django.db import transaction

from chat.actions.audit import audited
from chat.agents.files import agents_in
from chat.models import Agent
from providers.briefly import forget
from providers.models import ProviderModel, Route

DEFINITIONS: Final = Path(__file__).parent / "definitions"


def shipped_agents() -> list[dict[str, Any]]:
    """As files hold them, an agent before the workflows that need it."""
    return [agent for file in sorted(DEFINITIONS.glob("*.yaml")) for agent in agents_in(file.read_text())]


@audited()
def agents_ship() -> None:
    """What is there is left as it is, also where somebody changed or disabled it."""
    for fields in shipped_agents():
        if not _is_taken(fields["name"]):
            Agent.objects.get_or_create(name=fields["name"], defaults=fields)
    transaction.on_commit(forget)


def _is_taken(name: str) -> bool:
    return Route.objects.filter(name=name).exists() or ProviderModel.objects.filter(name=name).exists()
