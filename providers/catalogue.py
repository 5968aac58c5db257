"""Which providers and models there are, for those who ask: `provider/model` references, the list for pages
and doors, settings for adapters. Sync, on the ORM.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from providers.briefly import briefly, forget
from providers.contract import HttpOptions, ProviderConfig
from providers.environment import ENVIRONMENT, EnvironmentProvider, key_from_environment
from providers.errors import ProviderKeyRejected, UnknownProvider
from providers.models import Provider, ProviderModel, Route
from providers.secrets import Secret, SecretUnreadable
from providers.validation import timeouts_from

OPEN_KINDS: Final = frozenset({"openai", "openai-compatible", "anthropic"})  # take models that are not listed


def config_for(provider: Provider) -> ProviderConfig:
    """The settings that the provider's adapter is made with. Raises ProviderKeyRejected."""
    told = _environment_of(provider)
    headers, api_key, proxy = _readable(provider, told)
    return ProviderConfig(
        provider_id=provider.id,
        kind=provider.kind,
        base_url=provider.base_url or (told.base_url if told else ""),
        api_key=api_key,
        headers=headers,
        timeouts=timeouts_from(provider.timeouts),
        organization=provider.organization,
        project=provider.project,
        api_version=provider.api_version,
        http=HttpOptions(proxy=proxy, verify=provider.verify_tls, ca_file=provider.ca_file),
        extra={**provider.extra, "preset": provider.preset} if provider.preset else provider.extra,
    )


@dataclass(frozen=True, slots=True)
class Target:
    """A model that may answer, with its share where a route chooses by weight."""

    provider: Provider
    model: str
    weight: int = 1


@briefly
def targets_of(ref: str) -> tuple[Route | None, tuple[Target, ...]]:
    """Who may answer, in order (at least one), and the route that says so, if it is one's name. Otherwise a
    reference is `provider/model`, or a bare name that means every provider that lists it, by priority. Raises
    UnknownProvider."""
    route = None if "/" in ref else Route.objects.filter(name=ref, enabled=True).first()
    found = _route_targets(route) if route else _named(ref)
    if not found:
        raise UnknownProvider(f"There is no model {ref!r} here.")
    return route, tuple(found)


def resolve(ref: str) -> tuple[Provider, str]:
    """The first that may answer. Raises UnknownProvider."""
    first = targets_of(ref)[1][0]
    return first.provider, first.model


@briefly
def provider_of(provider_id: str) -> Provider:
    """Raises UnknownProvider for one that is not set up (any more)."""
    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is None:
        raise UnknownProvider(f"The provider {provider_id!r} is not set up any more.")
    return provider


@briefly
def transcribers() -> tuple[ProviderConfig, ...]:
    """Who can write down what is said, by priority: the operator named a model for it."""
    rows = Provider.objects.filter(enabled=True).order_by("priority", "pk")
    return tuple(config_for(row) for row in rows if row.extra.get("transcription_model"))


@briefly
def listed_model(provider: Provider, name: str) -> ProviderModel | None:
    """What is recorded of a model (its price, its context), if it is listed."""
    return provider.models.filter(name=name).first()


def known_model(provider: Provider, name: str) -> ProviderModel:
    """What is recorded of a model, or a row that says nothing for one that is asked without being listed."""
    return listed_model(provider, name) or ProviderModel(provider=provider, name=name)


@briefly
def default_model() -> str:
    """The reference to use when the caller names none. Raises UnknownProvider when there is no model."""
    found = next((model["id"] for model in available_models() if model["is_default"]), None)
    if found is None:
        raise UnknownProvider("No provider is set up yet.")
    return str(found)


def available_models() -> list[dict[str, Any]]:
    """Every model that can be asked, in order; exactly one of them is the default. After them come the routes
    that somebody can answer, as models without a provider."""
    models = [model for model in _listed() if is_set_up(model.provider)]
    chosen = min(models, key=_default_rank, default=None)
    routes = [route for route in Route.objects.filter(enabled=True) if _route_targets(route)]
    return [*(_shown(model, is_default=model is chosen) for model in models), *map(_shown_route, routes)]


def kinds_in_use() -> set[str]:
    """The kinds whose adapters will be needed, for `registry.preload`."""
    return set(Provider.objects.filter(enabled=True).values_list("kind", flat=True))


def sync_environment() -> None:
    """Set up what the environment brings and what is not there yet. What is there is left as it is."""
    for told in ENVIRONMENT.values():
        if told.is_set:
            _set_up(told)


def _default_rank(model: ProviderModel) -> tuple[bool, bool]:
    return (not model.is_default, model.provider.kind == "demo")


def _listed() -> QuerySet[ProviderModel]:
    listed = ProviderModel.objects.filter(enabled=True, provider__enabled=True).select_related("provider")
    return listed.order_by("provider__position", "provider_id", "pk")


def _route_targets(route: Route) -> list[Target]:
    targets = route.targets.select_related("provider").filter(provider__enabled=True)
    return [
        Target(target.provider, target.model, target.weight)
        for target in targets
        if is_set_up(target.provider) and _offers(target.provider, target.model)
    ]


def _named(ref: str) -> list[Target]:
    provider_id, _, name = ref.partition("/")
    provider = Provider.objects.filter(pk=provider_id, enabled=True).first() if name else None
    if provider and is_set_up(provider) and _offers(provider, name):
        return [Target(provider, name)]
    listed = _listed().filter(name=ref).order_by("provider__priority", "provider__position", "provider_id")
    return [Target(one.provider, one.name) for one in listed if is_set_up(one.provider)]


def _offers(provider: Provider, name: str) -> bool:
    listed = listed_model(provider, name)
    if listed:
        return listed.enabled
    return bool(provider.extra.get("any_model", provider.kind in OPEN_KINDS))


def _shown(model: ProviderModel, *, is_default: bool) -> dict[str, Any]:
    return {
        "id": model.ref,
        "provider": model.provider_id,
        "provider_label": str(model.provider),
        "model": model.name,
        "label": str(model),
        "context_length": model.context_length,
        "max_output_tokens": model.max_output_tokens,
        "capabilities": model.capabilities,
        "is_default": is_default,
    }


def _shown_route(route: Route) -> dict[str, Any]:
    return {
        "id": route.name,
        "provider": "",
        "provider_label": gettext("Routes"),
        "model": route.name,
        "label": str(route),
        "context_length": None,
        "max_output_tokens": None,
        "capabilities": None,
        "is_default": False,
    }


def _environment_of(provider: Provider) -> EnvironmentProvider | None:
    return ENVIRONMENT.get(provider.id) if provider.from_environment else None


def is_set_up(provider: Provider) -> bool:
    """A provider whose variable is gone and who has no key of its own cannot be asked."""
    if provider.api_key_encrypted:
        return True
    if provider.api_key_variable:
        return bool(key_from_environment(provider.api_key_variable))
    told = _environment_of(provider)
    return told is None or told.is_set


def _readable(provider: Provider, told: EnvironmentProvider | None) -> tuple[dict[str, str], Secret, str]:
    """The headers, the key (a stored one, or that of the environment) and the proxy with its login."""
    try:
        return provider.secret_headers, provider.api_key or _key_outside(provider, told), _proxy_of(provider)
    except SecretUnreadable as error:
        raise ProviderKeyRejected(str(error), provider=provider.id) from error


def _proxy_of(provider: Provider) -> str:
    user, _, password = provider.proxy_login.reveal().partition(":")
    if not (provider.proxy and user):
        return provider.proxy
    scheme, _, place = provider.proxy.partition("://")
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{place}"


def _key_outside(provider: Provider, told: EnvironmentProvider | None) -> Secret:
    if provider.api_key_variable:
        return key_from_environment(provider.api_key_variable)
    return told.key if told else Secret()


@transaction.atomic
def _set_up(told: EnvironmentProvider) -> None:
    provider, created = Provider.objects.get_or_create(
        pk=told.id,
        defaults={
            "kind": told.id,
            "label": told.label,
            "position": told.position,
            "from_environment": True,
        },
    )
    if created:
        price = Decimal(0) if told.free else None
        ProviderModel.objects.bulk_create(
            ProviderModel(provider=provider, name=name, input_price=price, output_price=price)
            for name in told.models
        )
        forget()
