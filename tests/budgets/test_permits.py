"""What not everybody may use is not there for the others."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from chat.access import Person
from chat.actions.messages import message_send
from chat.commands import SendMessage
from chat.errors import Invalid
from chat.models import Agent, Permit, Run
from chat.models.ids import new_id
from chat.rights import models_for, permitted, toolbox_for, tools_for
from chat.tools.catalogue import toolbox
from providers.errors import UnknownProvider
from providers.models import Provider, ProviderModel, Route, RouteTarget
from providers.planning import plan_for

pytestmark = pytest.mark.django_db


def ask(person: Person, **more: Any) -> Run:
    command = SendMessage(client_id=str(new_id()), text="Hi", **more)
    return message_send(user=person, session=None, command=command).runs[0]


def only(kind: str, name: str, *people: Any) -> Permit:
    permit = Permit.objects.create(kind=kind, name=name)
    permit.users.set(people)
    return permit


def names_for(person: Person) -> set[str]:
    return {one["id"] for one in models_for(person)}


def test_a_provider_is_there_for_those_who_may(alice: Any, bob: Any, demo: None) -> None:
    only("provider", "demo", alice)
    assert ask(alice, model="demo/fast")
    for model in ("demo/fast", "fast", ""):
        with pytest.raises(UnknownProvider):
            ask(bob, model=model)
    assert "demo/fast" in names_for(alice)
    assert names_for(bob) == set()


def test_a_group_may_and_owners_always(alice: Any, bob: Any, demo: None) -> None:
    permit = only("provider", "demo")
    with pytest.raises(UnknownProvider):
        ask(alice, model="demo/fast")
    staff = Group.objects.create(name="staff")
    permit.groups.add(staff)
    alice.groups.add(staff)
    bob.is_superuser = True
    bob.save()
    assert ask(alice, model="demo/fast")
    assert ask(bob, model="demo/fast")


def test_a_bare_name_goes_past_who_may_not_be_asked(alice: Any, bob: Any, demo: None) -> None:
    other = Provider.objects.create(id="other", kind="demo", priority=1)
    ProviderModel.objects.create(provider=other, name="fast")
    only("provider", "other", bob)
    assert ask(bob, model="fast").provider == "other"
    assert ask(alice, model="fast").provider == "demo"
    left = permitted(plan_for("fast"), alice.pk)
    assert [one.provider for one in left.candidates] == ["demo"]


def test_a_route_brings_its_models_for_those_who_may(alice: Any, bob: Any, demo: None) -> None:
    route = Route.objects.create(name="cheap")
    RouteTarget.objects.create(route=route, provider_id="demo", model="fast")
    only("provider", "demo")
    only("route", "cheap", alice)
    assert ask(alice, model="cheap").provider == "demo"
    assert names_for(alice) == {"cheap"}
    with pytest.raises(UnknownProvider):
        ask(bob, model="cheap")


def test_an_agent_and_a_tool_are_there_for_those_who_may(alice: Any, bob: Any, demo: None) -> None:
    Agent.objects.create(name="helper", model="demo/fast")
    only("agent", "helper", alice)
    only("tool", "calculator", alice)
    assert ask(alice, agent="helper").agent == "helper"
    for named in ({"agent": "helper"}, {"model": "helper"}):
        with pytest.raises(Invalid, match="unknown_agent"):
            ask(bob, **named)
    assert "calculator" in {tool.name for tool in tools_for(alice.pk)}
    assert "calculator" not in {tool.name for tool in tools_for(bob.pk)}
    chosen = toolbox(["calculator"])
    assert (len(toolbox_for(alice.pk, chosen).server), len(toolbox_for(bob.pk, chosen).server)) == (1, 0)
