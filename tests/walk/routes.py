"""Every route of the URL conf, with what its parameters are and what can be asked of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

# Not walked, and why.
ELSEWHERE: Final = {
    "admin/": "Django's own: what is registered there is for staff with the right",
    "account/": "django-allauth's own; tests/chat/test_accounts.py",
    "i18n/": "Django's own: it sets a cookie",
    "setup/": "open while nobody has an account; tests/chat/test_signing_in.py",
    "invitation/": "for whoever has the link; tests/chat/test_roles.py",
    "share/": "for whoever has the link; tests/chat/test_share_links.py",
    "healthz/stream/": "a token that the doctor made for itself",
    "v1/<path:name>": "where there is nothing",
}
# For everybody, signed in or not.
OPEN: Final = {
    *("", "login/", "logout/", "settings", "s/<uuid:session_id>"),  # pages, which send people to sign in
    *("manifest.webmanifest", "service-worker.js", "offline", "usage", "compare"),
    *("api/schema/", "api/docs/", "api/asyncapi/", "api/register/"),
    *("health", "healthz", "readyz"),
}
# Whose objects these parameters name: somebody's own …
OWN: Final = (
    *("session_id", "run_id", "message_id", "file_id", "summary_id"),
    *("memory_id", "prompt_id", "link_id", "comment_id", "key_id", "budget_id", "tool_call_id"),
)
# … or what is there for all who may see it.
COMMON: Final = {"provider_id": "demo", "user_id": "1", "name": "fast"}
# What `key` and `name` are in paths that are not about what all see.
RENAMED: Final = {
    "api/sessions/<uuid:key>/": {"key": "session_id"},
    "api/runs/<uuid:key>/": {"key": "run_id"},
    "api/ai-sdk/chat/<str:name>/": {"name": "session_id"},
    "v1/responses/<str:name>": {"name": "run_id"},
}
# Bodies that are good where everything else is: what is refused then is the caller, not the body.
BODIES: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("POST", "messages/"): {"client_id": "walk", "text": "hello", "model": "demo/fast"},
    ("POST", "comments/"): {"client_id": "walk-comment", "text": "hello"},
    ("POST", "members/"): {"username": "bob", "role": "viewer"},
    ("PATCH", "members/<int:user_id>/"): {"role": "viewer"},
    ("PATCH", "summaries/<uuid:summary_id>/"): {"text": "other words"},
    ("PATCH", "memory/<uuid:memory_id>/"): {"text": "other words"},
    ("PATCH", "prompts/<uuid:prompt_id>/"): {"text": "other words"},
    ("PUT", "state/"): {"session_data": {}, "version": 0},
    ("POST", "decide/"): {"decision": "approve"},
    ("PATCH", "sessions/<uuid:session_id>/"): {"title": "another"},
    ("PATCH", "keys/<uuid:key_id>/"): {"name": "another"},
    ("PATCH", "budgets/<int:budget_id>/"): {"runs": 9_999},
}
_PARAMETER: Final = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    methods: tuple[str, ...]

    @property
    def parameters(self) -> list[str]:
        """By the names of what they are."""
        renamed = next((names for path, names in RENAMED.items() if self.path.startswith(path)), {})
        return [renamed.get(name, name) for name in _PARAMETER.findall(self.path)]

    @property
    def own(self) -> list[str]:
        return [name for name in self.parameters if name in OWN]

    def url(self, ids: dict[str, Any]) -> str:
        return self.filled([ids[name] for name in self.parameters])

    def filled(self, values: list[Any]) -> str:
        left = iter(values)
        return "/" + _PARAMETER.sub(lambda _: str(next(left)), self.path)

    def body(self, method: str) -> dict[str, Any] | None:
        return None if method == "GET" else self._good_body(method) or {}

    def may_miss(self, method: str) -> bool:
        """Something in the body: nobody has said here what a good one is."""
        return method != "GET" and self._good_body(method) is None

    def _good_body(self, method: str) -> dict[str, Any] | None:
        found = (body for (verb, end), body in BODIES.items() if verb == method and self.path.endswith(end))
        return next(found, None)


def routes() -> list[Route]:
    found = dict(_patterns(get_resolver()))
    return [Route(path, methods) for path, methods in found.items() if not path.startswith(tuple(ELSEWHERE))]


def _patterns(resolver: Any, before: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, _methods(entry.callback)


def _methods(view: Any) -> tuple[str, ...]:
    """The destructive ones last."""
    known = ("GET", "POST", "PUT", "PATCH", "DELETE")
    of_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if of_class is None:
        return known
    return tuple(method for method in known if hasattr(of_class, method.lower()))
