"""The OpenAPI document has every path that programs ask, with the bodies of those that take one."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

# What people look at, and the documents themselves.
PAGES = (
    "",
    "admin/",
    "s/",
    "login/",
    "logout/",
    "setup/",
    "i18n/",
    "share/",
    "compare",
    "usage",
    "settings",
    "me/",
    "account/",
    "invitation/",
)
PAGES += ("manifest.webmanifest", "service-worker.js", "offline")
PAGES += ("v1/<path:name>",)  # where there is nothing
PAGES += ("static/", "api/schema/", "api/docs/", "api/asyncapi/", "healthz", "readyz", "metrics")


def paths(resolver: Any, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from paths(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


def is_page(path: str) -> bool:
    return any(path.startswith(page) if page else not path for page in PAGES)


def plain(path: str) -> str:
    return re.sub(r"<[^>]+>|{[^}]+}", "{}", "/" + path.lstrip("/"))


def test_no_door_is_left_out() -> None:
    document = SchemaGenerator().get_schema(public=True)
    told = {plain(path) for path in document["paths"]}
    asked = {plain(path) for path in paths(get_resolver()) if not is_page(path)}
    assert asked <= told, asked - told
    assert "ChatBody" in str(document["paths"]["/v1/chat/completions"]["post"]["requestBody"])


def test_what_it_refers_to_is_there() -> None:
    document = SchemaGenerator().get_schema(public=True)
    for name in re.findall(r"#/components/schemas/([\w.-]+)", str(document)):
        assert name in document["components"]["schemas"]
