"""Every page of the admin and every act on it, as everybody who may not, and as the owner: in this process,
because nothing there waits for anything."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client

from chat.actions.keys import key_create
from chat.models import AuditEntry, Budget, ChatSession, Message, Run
from tests.cast import make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/admin/login/"
OPEN = ("login/", "logout/", "jsi18n/")  # to everybody: signing in and out, and words
PARAMETER = re.compile(r"<\w+:\w+>")


@pytest.fixture
def cast(anew: None, demo: None) -> dict[str, Any]:
    """`demoted` has every right and is staff no more."""
    people = {name: make_user(name) for name in ("alice", "demoted", "disabled", "owner")}
    for name in ("owner", "disabled"):
        people[name].is_staff = True
    people["owner"].is_superuser = people["disabled"].is_superuser = True
    people["demoted"].user_permissions.set(Permission.objects.all())
    for person in people.values():
        person.save()
    session = ChatSession.objects.create(owner=people["alice"], title="secret title")
    message = Message.objects.create(session=session, role="assistant")
    Run.objects.create(session=session, message=message, user=people["alice"], status="completed")
    key_create(user=people["alice"])
    Budget.objects.create(user=people["alice"], period="month", runs=5)
    return people


def pages(resolver: Any, before: str = "") -> Iterator[str]:
    for entry in resolver:
        path = before + str(entry.pattern)
        yield from pages(entry.url_patterns, path) if hasattr(entry, "url_patterns") else [path]


def urls() -> list[str]:
    """With the id of a row where there is one."""
    rows = {f"{kind._meta.app_label}/{kind._meta.model_name}/": _row(kind) for kind in admin.site._registry}
    found = []
    for page in pages(admin.site.urls[0]):
        page = page.replace("^", "").replace("$", "")
        row = next((row for start, row in rows.items() if page.startswith(start)), "1")
        if page not in OPEN and "(?P" not in page:
            found.append("/admin/" + PARAMETER.sub(str(row), page))
    return found


def _row(kind: type[Model]) -> Any:
    row = kind._default_manager.first()
    return row.pk if row else 1


def browser(person: Any) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    if person and person.username == "disabled":
        type(person).objects.filter(pk=person.pk).update(is_active=False)
    return client


def counts() -> dict[str, int]:
    kinds = [kind for kind in admin.site._registry if kind is not AuditEntry]
    return {kind._meta.label: kind._default_manager.count() for kind in kinds}


def acts() -> list[tuple[str, dict[str, Any]]]:
    """Every act on chosen rows."""
    return [
        (
            f"/admin/{kind._meta.app_label}/{kind._meta.model_name}/",
            {"action": name, "_selected_action": [str(_row(kind))], "post": "yes"},
        )
        for kind, kept in admin.site._registry.items()
        for name in ("delete_selected", *map(str, kept.actions or ()))
    ]


@pytest.mark.parametrize("name", ["", "alice", "demoted", "disabled"])
def test_who_is_no_staff_is_sent_to_sign_in(cast: dict[str, Any], name: str) -> None:
    client, before = browser(cast.get(name)), counts()
    asked = [(url, method, {"post": "yes"}) for url in urls() for method in ("get", "post")]
    asked += [(url, "post", act) for url, act in acts()]
    assert len(asked) > 200
    for url, method, data in asked:
        answer = getattr(client, method)(url, data)
        sent = answer.status_code == 302 and "login" in answer["Location"]
        assert sent or answer.status_code in (403, 404, 405), (url, method, answer.status_code)
    assert counts() == before


def test_the_owner_sees_every_page(cast: dict[str, Any]) -> None:
    """Or the refusals above would prove nothing."""
    client = browser(cast["owner"])
    shown = {url: client.get(url).status_code for url in urls()}
    assert not {url: status for url, status in shown.items() if status >= 500}
    assert sum(status == 200 for status in shown.values()) > len(shown) // 3
