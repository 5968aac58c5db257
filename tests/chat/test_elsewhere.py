"""Signing in at another server by OpenID Connect."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialToken
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client

from chat.accounts.roles import role_of
from chat.actions.invitations import invitation_create
from chat.models import Role
from tests.fakes.identity import CLIENT, SECRET, FakeIdentity

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("anew")]
ANN = {"sub": "ann-1", "preferred_username": "ann", "email": "ann@example.org", "email_verified": True}
LOGIN, BACK = "/account/oidc/sso/login/", "/account/oidc/sso/login/callback/"


@pytest.fixture
def identity(settings: LazySettings) -> Iterator[FakeIdentity]:
    with FakeIdentity() as fake:
        app = {"provider_id": "sso", "name": "Example", "client_id": CLIENT, "secret": SECRET}
        apps = [{**app, "settings": {"server_url": fake.url}}]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
        yield fake


def sign_in(client: Client, identity: FakeIdentity, **who: Any) -> Any:
    sent = client.get(LOGIN)
    assert sent.headers["location"].startswith(f"{identity.url}/authorize?")
    return client.get(BACK, identity.code_for(sent.headers["location"], **who))


def test_the_first_sign_in_makes_a_member_and_the_next_finds_him(identity: FakeIdentity) -> None:
    assert "Sign in with Example" in Client().get("/login/").content.decode()
    for _ in range(2):
        client = Client()
        assert sign_in(client, identity, **ANN).headers["location"] == "/"
        assert client.get("/settings").status_code == 200
    person = get_user_model().objects.get()
    assert (person.username, role_of(person), person.has_usable_password()) == ("ann", Role.MEMBER, False)
    assert not SocialToken.objects.exists()
    assert not identity.refused


def test_a_name_that_is_taken_gives_nobody_elses_account(identity: FakeIdentity, alice: Any) -> None:
    sign_in(Client(), identity, sub="x", preferred_username="alice", email="mallory@example.org")
    assert get_user_model().objects.count() == 2
    assert get_user_model().objects.get(email="mallory@example.org").username != "alice"


def test_an_answer_that_was_not_asked_for_lets_nobody_in(identity: FakeIdentity) -> None:
    asked = Client().get(LOGIN).headers["location"]
    other = Client()
    other.get(BACK, identity.code_for(asked, **ANN))
    assert other.get("/settings").status_code == 302
    assert not get_user_model().objects.exists()


def test_where_it_makes_no_accounts_an_invitation_does_once(
    identity: FakeIdentity, settings: LazySettings
) -> None:
    settings.OIDC_SIGN_UP, settings.SIGN_UP = False, "invitation"
    sign_in(Client(), identity, **ANN)
    assert not get_user_model().objects.exists()
    token = invitation_create(role=Role.GUEST)[1]
    client = Client()
    client.get(f"/invitation/{token}/")
    sign_in(client, identity, **ANN)
    assert role_of(get_user_model().objects.get()) == Role.GUEST
    assert Client().get(f"/invitation/{token}/").status_code == 404


def test_a_server_that_is_away_is_said_so(identity: FakeIdentity, settings: LazySettings) -> None:
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    apps[0]["settings"]["server_url"] = "http://127.0.0.1:9"
    assert Client().get(LOGIN).status_code == 503
