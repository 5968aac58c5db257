"""Owner, operator, member, guest; invitations; accounts made over the API."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from chat.accounts.devices import device_label
from chat.accounts.roles import role_of, role_set, roles_ship
from chat.models import Invitation, Permit, Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("anew", "demo")]
PASSWORD = {"password1": "long-enough-pw", "password2": "long-enough-pw"}
JSON: Any = {"content_type": "application/json"}


@pytest.fixture
def invited(settings: LazySettings) -> Callable[..., str]:
    """Paths of invitations."""
    settings.SIGN_UP = "invitation"

    def path(role: str = "member", days: int = 1) -> str:
        said = StringIO()
        call_command("invite", "--role", role, "--days", str(days), stdout=said)
        return said.getvalue().strip()

    return path


def person(name: str) -> Any:
    return get_user_model().objects.get(username=name)


def by(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def register(**fields: str) -> Any:
    return Client().post("/api/register/", fields, **JSON)


def test_an_invitation_makes_one_account_with_its_role(invited: Callable[..., str]) -> None:
    link = invited("guest")
    first, second = Client(), Client()
    for client in (first, second):
        assert client.get(link).headers["location"] == "/account/signup/"
    assert first.post("/account/signup/", {"username": "gina", **PASSWORD}).status_code == 302
    assert role_of(person("gina")) == Role.GUEST
    second.post("/account/signup/", {"username": "late", **PASSWORD})
    assert not get_user_model().objects.filter(username="late").exists()
    assert Client().get(link).status_code == 404


def test_an_old_invitation_and_none_let_nobody_in(invited: Callable[..., str]) -> None:
    link = invited()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(link).status_code == 404
    Client().post("/account/signup/", {"username": "dora", **PASSWORD})
    assert not get_user_model().objects.filter(username="dora").exists()


def test_registering_over_the_api_follows_the_same_rules(
    settings: LazySettings, invited: Callable[..., str]
) -> None:
    fields = {"username": "dora", "password": "long-enough-pw"}
    told = register(**fields)
    assert (told.status_code, told.json()["error"]["code"]) == (403, "invitation_needed")
    token = invited("operator").split("/")[2]
    told = register(**fields, invitation=token)
    assert (told.status_code, told.json()) == (201, {"id": str(person("dora").pk), "username": "dora"})
    assert not told.cookies.get("sessionid") or not told.cookies["sessionid"].value
    assert role_of(person("dora")) == Role.OPERATOR
    told = register(username="late", password="long-enough-pw", invitation=token)
    assert (told.status_code, told.json()["error"]["code"]) == (404, "invitation_invalid")
    settings.SIGN_UP = "closed"
    told = register(**fields)
    assert (told.status_code, told.json()["error"]["code"]) == (403, "sign_up_closed")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"username": "alice", "password": "long-enough-pw"}, "username"),
        ({"username": "dora", "password": "123"}, "password"),
        ({"username": "dora"}, "password"),
        ({"username": "dora", "password": "long-enough-pw", "email": "x"}, "email"),
        ({"username": "dora", "password": "long-enough-pw", "is_superuser": "1"}, "is_superuser"),
    ],
)
def test_what_is_wrong_with_a_registration_is_named(
    settings: LazySettings, alice: Any, fields: dict[str, str], named: str
) -> None:
    settings.SIGN_UP = "open"
    told = register(**fields)
    assert (told.status_code, told.json()["error"]["field"]) == (400, named)


def test_a_guest_reads_and_uses_only_what_is_given_to_him(alice: Any, bob: Any) -> None:
    session = by(alice).post("/api/sessions/", {}, **JSON).json()["id"]
    by(alice).post(f"/api/sessions/{session}/members/", {"username": "bob", "role": "viewer"}, **JSON)
    role_set(bob, Role.GUEST)
    assert by(bob).get(f"/api/sessions/{session}/").status_code == 200
    assert by(bob).get("/api/models/").json() == {"results": []} or not by(bob).get("/api/models/").json()
    refused = by(bob).post("/api/sessions/", {}, **JSON)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "guest")
    Permit.objects.create(kind="provider", name="demo").users.add(bob)
    assert by(bob).post("/api/sessions/", {}, **JSON).status_code == 201


def test_an_operator_sets_the_server_up_and_makes_nobody_more_than_himself(
    alice: Any, bob: Any, carol: Any
) -> None:
    roles_ship()
    role_set(alice, Role.OPERATOR)
    role_set(carol, Role.OWNER)
    operator = by(alice)
    assert operator.get("/admin/providers/provider/").status_code == 200
    assert operator.get("/admin/chat/permit/").status_code == 200
    change = f"/admin/auth/user/{bob.pk}/change/"
    assert operator.post(change, {"username": "bob", "role": "owner", "is_active": "on"}).status_code == 200
    assert role_of(person("bob")) == Role.MEMBER
    assert operator.post(change, {"username": "bob", "role": "guest", "is_active": "on"}).status_code == 302
    assert role_of(person("bob")) == Role.GUEST
    for page in ("change", "password", "delete"):
        assert operator.post(f"/admin/auth/user/{carol.pk}/{page}/", {"post": "yes"}).status_code == 403
    assert operator.post(f"/admin/auth/group/{alice.groups.get().pk}/change/", {}).status_code == 403
    operator.post("/admin/chat/invitation/add/", {"role": "owner"})
    assert not Invitation.objects.exists()


def test_the_owner_sees_and_sets_roles_and_hands_invitations_out(alice: Any, bob: Any) -> None:
    role_set(alice, Role.OWNER)
    owner = by(alice)
    owner.post(
        f"/admin/auth/user/{bob.pk}/change/", {"username": "bob", "role": "operator", "is_active": "on"}
    )
    assert role_of(person("bob")) == Role.OPERATOR
    made = {"username": "dora", "role": "guest", "usable_password": "true", **PASSWORD}
    assert owner.post("/admin/auth/user/add/", made).status_code == 302
    assert role_of(person("dora")) == Role.GUEST
    told = owner.post("/admin/chat/invitation/add/", {"role": "operator"}, follow=True).content.decode()
    assert "http://testserver/invitation/" in told


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge · Windows",
        ),
        ("curl/8.1", "curl/8.1"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_call_it(agent: str, label: str) -> None:
    assert device_label(agent) == label
