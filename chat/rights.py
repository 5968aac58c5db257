"""What a person may use of what operators set up, and what a key may ask: decided here for every door.

What somebody may not use is not there for him. An agent or a route that he may use brings its own models and
tools with it: that was the operator's choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth import get_user_model

from chat.accounts.roles import is_guest
from chat.agents.catalogue import models_and_agents, unknown_agent
from chat.budgets.rules import groups_of
from chat.errors import Forbidden
from chat.models import ApiKey, Permit
from chat.models.keys import came_with
from chat.tools.catalogue import Toolbox, all_tools
from chat.tools.contract import ServerTool
from chat.tools.wishes import as_wished
from providers.briefly import briefly
from providers.catalogue import default_model, targets_of
from providers.errors import UnknownProvider
from providers.models import Provider
from providers.planning import plan_for
from providers.routing import Plan


def may_use(user_id: Any, kind: str, name: str) -> bool:
    permit = _permits().get((kind, name))
    return not is_guest(user_id) if permit is None else permit.allows(user_id)


def refuse_bare_guest(person: Any) -> None:
    """A guest whom no permit gives anything begins nothing of his own. Raises Forbidden."""
    if is_guest(person.pk) and not any(one.allows(person.pk) for one in _permits().values()):
        raise Forbidden("Guests only read what is shared with them.", code="guest")


def model_for(person: Any, ref: str, agent: str = "") -> tuple[Provider, str]:
    """Who answers this person: the first that he may use. With an agent's name, that is what counts. Raises
    UnknownProvider, Invalid, and Forbidden where the key reaches less."""
    if agent and not may_use(person.pk, Permit.Kind.AGENT, agent):
        raise unknown_agent(agent)
    route, targets = targets_of(ref)
    own = agent or (route and _may_use_route(person, route.name))
    usable = [one for one in targets if own or _may_ask(person.pk, one.provider.pk)]
    if not usable:
        raise UnknownProvider(f"There is no model {ref!r} here.")
    first = usable[0]
    _refuse_beyond_key(person, (agent,) if agent else (ref, f"{first.provider.pk}/{first.model}"))
    return first.provider, first.model


def plan_of(person: Any, ref: str, agent: str = "") -> Plan:
    """The same, with all that may answer."""
    model_for(person, ref, agent)
    plan = plan_for(ref)
    return plan if agent else permitted(plan, person.pk)


def permitted(plan: Plan, user_id: Any) -> Plan:
    """Without those that the person may not use, where no route says who answers. Raises UnknownProvider."""
    if plan.route:
        return plan
    left = tuple(one for one in plan.candidates if _may_ask(user_id, one.provider))
    if not left:
        raise UnknownProvider("There is no such model here.")
    return plan if left == plan.candidates else replace(plan, candidates=left)


def models_for(person: Any) -> list[dict[str, Any]]:
    """Models, routes and agents that this person may name, with this key. One of them is the default."""
    key = came_with(person)
    shown = [one for one in models_and_agents() if _may_name(person.pk, one) and _reaches(key, (one["id"],))]
    if shown and not any(one["is_default"] for one in shown):
        shown[0] = {**shown[0], "is_default": True}
    return shown


def default_for(person: Any) -> str:
    """Raises UnknownProvider."""
    key = came_with(person)
    if not _permits() and not is_guest(person.pk) and (key is None or key.routes is None):
        return default_model()
    found = next((one["id"] for one in models_for(person) if one["is_default"]), None)
    if found is None:
        raise UnknownProvider("No provider is set up yet.")
    return str(found)


def tools_for(user_id: Any) -> list[ServerTool]:
    """As the person wishes them to be called."""
    return as_wished(user_id, permitted_tools(user_id))


def permitted_tools(user_id: Any) -> list[ServerTool]:
    """As the operator lets them be called."""
    return [tool for tool in all_tools() if tool.policy != "never" and _may_call(user_id, tool)]


def toolbox_for(user_id: Any, box: Toolbox) -> Toolbox:
    left = [tool for tool in box.server.values() if _may_call(user_id, tool)]
    return replace(box, server={tool.name: tool for tool in as_wished(user_id, left)})


def _may_call(user_id: Any, tool: ServerTool) -> bool:
    return all(may_use(user_id, Permit.Kind.TOOL, name) for name in (tool.name, tool.server))


def _may_ask(user_id: Any, provider: str) -> bool:
    return may_use(user_id, Permit.Kind.PROVIDER, provider)


def _may_use_route(person: Any, name: str) -> bool:
    """Raises UnknownProvider."""
    if not may_use(person.pk, Permit.Kind.ROUTE, name):
        raise UnknownProvider(f"There is no model {name!r} here.")
    return True


def _may_name(user_id: Any, shown: dict[str, Any]) -> bool:
    """Names of agents and routes are not the same as long as both are asked."""
    if shown["provider"]:
        return _may_ask(user_id, shown["provider"])
    return all(may_use(user_id, kind, shown["id"]) for kind in (Permit.Kind.ROUTE, Permit.Kind.AGENT))


def _refuse_beyond_key(person: Any, names: Iterable[str]) -> None:
    if not _reaches(came_with(person), names):
        raise Forbidden("This key may not ask this model.", code="model_not_allowed", field="model")


def _reaches(key: ApiKey | None, names: Iterable[str]) -> bool:
    return key is None or key.routes is None or any(name in key.routes for name in names)


@dataclass(frozen=True, slots=True)
class _Allowed:
    users: set[Any] = field(default_factory=set)
    groups: set[Any] = field(default_factory=set)

    def allows(self, user_id: Any) -> bool:
        in_group = bool(self.groups) and not self.groups.isdisjoint(groups_of(user_id))
        return user_id in self.users or in_group or _is_owner(user_id)


@briefly
def _permits() -> dict[tuple[str, str], _Allowed]:
    found = {(row.kind, row.name): _Allowed() for row in Permit.objects.all()}
    if found:
        for kind, name, user in Permit.objects.exclude(users=None).values_list("kind", "name", "users"):
            found[kind, name].users.add(user)
        for kind, name, group in Permit.objects.exclude(groups=None).values_list("kind", "name", "groups"):
            found[kind, name].groups.add(group)
    return found


@briefly
def _is_owner(user_id: Any) -> bool:
    return get_user_model().objects.filter(pk=user_id, is_superuser=True, is_active=True).exists()
