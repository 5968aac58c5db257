"""Setting providers up and changing them: the one way in for the API, for files and for Python programs.

What is written here is effective in every process within two seconds, without a restart.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from providers.briefly import forget
from providers.models import Provider, Route
from providers.serializers import ProviderFields, RouteFields
from providers.signals import writing

_Row = TypeVar("_Row")


def register_provider(
    provider_id: str, kind: str, *, models: list[str] | None = None, **settings: Any
) -> Provider:
    """Set a provider up, or change the one of this id.

    `settings` are the fields of `POST /api/providers/`: api_key, base_url, headers, timeouts, … A changed
    address needs the key again. Raises rest_framework's ValidationError, which names the fields. Sync: call
    it through `sync_to_async` where a loop runs.

        register_provider("local", "openai-compatible", base_url="http://127.0.0.1:1234/v1", models=["qwen3"])
    """
    fields = {**settings, "id": provider_id, "kind": kind, "models": models or []}
    return provider_save(fields, provider_id)[0]


def provider_save(fields: Mapping[str, Any], provider_id: str | None = None) -> tuple[Provider, bool]:
    """The provider and whether it is new. With an id, one that is there is changed by what is given;
    without, it must be new. Raises ValidationError."""
    return _twice(lambda: _save_provider(fields, provider_id))


def route_save(fields: Mapping[str, Any], route: Route | None = None) -> Route:
    """Make a route, or change this one by what is given. Raises ValidationError."""
    return _twice(lambda: _save_route(fields, route))


@transaction.atomic
def _save_provider(fields: Mapping[str, Any], provider_id: str | None) -> tuple[Provider, bool]:
    writing.send(Provider)
    there = Provider.objects.select_for_update().filter(pk=provider_id).first() if provider_id else None
    form = ProviderFields(there, data=dict(fields), partial=there is not None)
    form.is_valid(raise_exception=True)
    saved: Provider = form.save()
    transaction.on_commit(forget)
    return saved, there is None


@transaction.atomic
def _save_route(fields: Mapping[str, Any], route: Route | None) -> Route:
    writing.send(Route)
    there = Route.objects.select_for_update().filter(pk=route.pk).first() if route else None
    form = RouteFields(there, data=dict(fields), partial=there is not None)
    form.is_valid(raise_exception=True)
    saved: Route = form.save()
    transaction.on_commit(forget)
    return saved


def _twice(save: Callable[[], _Row]) -> _Row:
    """Two may make the same one at once: the second time round it is there."""
    try:
        return save()
    except IntegrityError:
        return save()
