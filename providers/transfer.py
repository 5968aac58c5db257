"""Providers and routes as a file: out without secrets, in with a merge. JSON is YAML, so one reader does.

A file says `{"version": 1, "providers": [{"id": …, "kind": …, …}], "routes": […]}` with the fields of the
REST API. What it does not mention stays as it is; keys stay where the address is unchanged, and a file that
moves a provider with a key is refused unless it brings a key, or an empty one to remove it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import yaml
from django.db import transaction
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from providers.models import Provider, Route, RouteTarget
from providers.registration import provider_save, route_save
from providers.serializers import ProviderFields, RouteFields
from providers.signals import writing

VERSION: Final = 1
MAX_BYTES: Final = 4 * 1024 * 1024  # of a file; hundreds of providers with all their models take less
_SHOWN_ONLY: Final = frozenset(
    (
        *("api_key_hint", "header_hints", "has_proxy_login", "from_environment"),
        *("check", "created_at", "updated_at"),
    )
)


class Unusable(ValueError):  # noqa: N818  (it says what the file is)
    """A file that cannot be imported; `problems` are sentences that name the place."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Imported:
    """How many providers were made and changed, and how many routes were read."""

    created: int
    changed: int
    routes: int


def exported(chosen: QuerySet[Provider] | None = None) -> dict[str, Any]:
    """Without keys and without the values of headers. Of chosen providers, with the routes that need no
    other."""
    providers = (Provider.objects.all() if chosen is None else chosen).prefetch_related("models")
    routes = Route.objects.prefetch_related("targets")
    if chosen is not None:
        routes = routes.exclude(targets__in=RouteTarget.objects.exclude(provider__in=chosen))
    return {
        "version": VERSION,
        "providers": [_without_what_is_shown(ProviderFields(row).data) for row in providers],
        "routes": [_without_what_is_shown(RouteFields(row).data) for row in routes],
    }


def as_text(content: dict[str, Any], *, is_yaml: bool) -> str:
    """Of what an export holds."""
    plain = json.dumps(content, indent=2, ensure_ascii=False)
    return yaml.safe_dump(json.loads(plain), sort_keys=False, allow_unicode=True) if is_yaml else plain + "\n"


def imported(text: str | bytes) -> Imported:
    """All of the file or, with `Unusable`, nothing of it."""
    content = _read(text)
    problems: list[str] = []
    with transaction.atomic():
        writing.send(Provider)
        saved = [
            _tried(problems, f"providers.{place}", partial(provider_save, row, _name(row, "id")))
            for place, row in enumerate(content.get("providers", []))
        ]
        routes = [
            _tried(problems, f"routes.{place}", partial(route_save, row, _route(row)))
            for place, row in enumerate(content.get("routes", []))
        ]
        if problems:
            raise Unusable(problems)
    created = sum(1 for provider, is_new in saved if is_new)
    return Imported(created, len(saved) - created, len(routes))


def _without_what_is_shown(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name not in _SHOWN_ONLY}
    return {
        **kept,
        **{name: [dict(row) for row in kept[name]] for name in ("models", "targets") if name in kept},
    }


def _read(text: str | bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise Unusable([f"The file has more than {MAX_BYTES} bytes."])
    try:
        content = yaml.load(text, Loader=PlainLoader)  # nosec B506 # noqa: S506  (it is a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unusable([f"The file is neither JSON nor YAML: {error}"]) from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise Unusable([f"The file is not an export of providers of version {VERSION}."])
    unknown = set(content) - {"version", "providers", "routes"}
    wrong = [name for name in ("providers", "routes") if not _is_rows(content.get(name, []))]
    if unknown or wrong:
        raise Unusable(
            [f"{name}: must be a list of objects, or left out." for name in (*wrong, *sorted(unknown))]
        )
    return content


class PlainLoader(yaml.SafeLoader):
    """Without aliases: a few lines of them can stand for more than fits into memory."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _name(row: dict[str, Any], field: str) -> str | None:
    value = row.get(field)
    return value if isinstance(value, str) else None


def _route(row: dict[str, Any]) -> Route | None:
    return Route.objects.filter(name=_name(row, "name") or "").first()


def _tried(problems: list[str], place: str, save: Callable[[], Any]) -> Any:
    try:
        return save()
    except ValidationError as error:
        problems.extend(f"{place}.{said}" for said in _sentences(error.detail))
        return None


def _sentences(detail: Any, field: str = "") -> list[str]:
    if isinstance(detail, dict):
        return [
            said for name, value in detail.items() for said in _sentences(value, f"{field}.{name}".strip("."))
        ]
    if isinstance(detail, list):
        return [said for value in detail for said in _sentences(value, field)]
    return [f"{field}: {detail}"]
