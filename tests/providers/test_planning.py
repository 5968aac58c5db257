"""Which plan a name stands for: a model, a model that several offer, a route."""

import pytest

from providers.briefly import forget
from providers.catalogue import available_models, default_model, resolve
from providers.errors import ProviderKeyRejected, UnknownProvider
from providers.models import Provider, ProviderModel, Route
from providers.planning import plan_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def providers() -> None:
    for position, name in enumerate("abc"):
        provider = Provider.objects.create(
            id=name, kind="openai-compatible", base_url="http://127.0.0.1:9/v1", position=position
        )
        ProviderModel.objects.create(provider=provider, name="m", context_length=1000 * (position + 1))
    forget()


def change(provider: str, **fields: object) -> None:
    Provider.objects.filter(pk=provider).update(**fields)
    forget()


def refs(name: str) -> list[str]:
    return [candidate.ref for candidate in plan_for(name).candidates]


def test_a_full_name_means_that_model_alone() -> None:
    assert refs("b/m") == ["b/m"]


def test_a_bare_name_means_all_that_list_it_by_priority() -> None:
    change("c", priority=1)
    assert refs("m") == ["c/m", "a/m", "b/m"]
    assert resolve("m")[0].pk == "c"


def test_a_route_is_its_targets_in_order_with_their_providers_limits() -> None:
    route = Route.objects.create(name="best", strategy="race", hedge_after=0.5)
    for position, name in enumerate("cab"):
        route.targets.create(provider_id=name, model="m", position=position, weight=position)
    change("a", enabled=False)
    change("b", max_concurrency=3, max_retries=5)
    plan = plan_for("best")
    assert (plan.route, plan.strategy, plan.hedge_after) == ("best", "race", 0.5)
    assert [candidate.ref for candidate in plan.candidates] == ["c/m", "b/m"]
    last = plan.candidates[1]
    assert (last.limits.max_concurrency, last.max_retries, last.weight) == (3, 5, 2)
    assert last.context_length == 2000


def test_a_provider_whose_key_cannot_be_read_is_passed_over() -> None:
    change("a", api_key_encrypted="not what it was")
    assert refs("m") == ["b/m", "c/m"]
    with pytest.raises(ProviderKeyRejected):
        plan_for("a/m")


def test_a_route_that_is_off_or_empty_is_not_there() -> None:
    Route.objects.create(name="off", enabled=False)
    Route.objects.create(name="empty")
    for name in ("off", "empty", "nothing"):
        with pytest.raises(UnknownProvider):
            plan_for(name)


def test_routes_are_listed_after_the_models_and_never_the_default() -> None:
    Route.objects.create(name="best", label="The best").targets.create(provider_id="a", model="m")
    Route.objects.create(name="empty")
    listed = available_models()
    assert (listed[-1]["id"], listed[-1]["label"], listed[-1]["provider"]) == ("best", "The best", "")
    assert "empty" not in {model["id"] for model in listed}
    assert default_model() == "a/m"
