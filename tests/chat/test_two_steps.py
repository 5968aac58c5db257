"""A second step at signing in, and where one is signed in."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from chat.accounts.roles import role_set
from chat.models import Role
from providers.rotation import secrets_rotate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("anew")]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(name: str, agent: str = FIREFOX) -> tuple[Client, Any]:
    client = Client(headers={"user-agent": agent})
    return client, client.post("/login/", {"username": name, "password": f"{name}-pass-word"})


def surely(name: str) -> Client:
    """Signed in, and asked for the password again: what guards an account takes that."""
    client, _ = sign_in(name)
    client.post("/account/reauthenticate/", {"password": f"{name}-pass-word"})
    return client


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def two_steps(client: Client) -> str:
    """Switches them on and gives the app's secret."""
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    cache.clear()  # a code is good once, and the tests do not wait for the next
    return str(secret)


def is_in(client: Client) -> bool:
    return client.get("/settings").status_code == 200


def test_a_second_step_is_not_switched_on_by_who_finds_the_page_open(alice: Any) -> None:
    client, _ = sign_in("alice")
    told = client.get("/account/2fa/totp/activate/")
    assert told.headers["location"].startswith("/account/reauthenticate/")


def test_the_second_step_is_asked_for_and_its_secret_is_encrypted(alice: Any) -> None:
    secret = two_steps(surely("alice"))
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    other, told = sign_in("alice")
    assert told.headers["location"].startswith("/account/2fa/authenticate/")
    assert not is_in(other)
    other.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not is_in(other)
    other.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(other)


def test_a_recovery_code_lets_in_once(alice: Any) -> None:
    client = surely("alice")
    two_steps(client)
    client.post("/account/2fa/recovery-codes/generate/")
    shown = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    for expected in (True, False):
        cache.clear()
        other, _ = sign_in("alice")
        other.post("/account/2fa/authenticate/", {"code": shown[0]})
        assert is_in(other) is expected


def test_the_settings_page_lists_where_one_is_signed_in_and_ends_the_others(alice: Any) -> None:
    here, _ = sign_in("alice")
    there, _ = sign_in("alice", "Mozilla/5.0 (iPhone) Version/18 Mobile Safari/604.1")
    page = here.get("/settings").content.decode()
    assert "Firefox · Linux" in page
    assert "Safari · iPhone" in page
    here.post("/account/sessions/")
    assert is_in(here)
    assert not is_in(there)
    assert Session.objects.count() == 1


def test_one_who_signed_in_before_there_was_a_list_is_on_it(client: Client, alice: Any) -> None:
    client.force_login(alice)
    assert client.get("/settings").context["account"]["signed_in"][0].is_here
    assert len(client.get("/settings").context["account"]["signed_in"]) == 1


@pytest.mark.parametrize(
    "path",
    [
        "2fa/",
        "2fa/totp/activate/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "email/",
        "password/change/",
        "sessions/",
    ],
)
def test_the_pages_of_an_account_are_ours(alice: Any, path: str) -> None:
    page = surely("alice").get(f"/account/{path}")
    assert page.status_code == 200
    assert 'class="settings"' in page.content.decode()
    assert "style=" not in page.content.decode()


def test_operators_without_a_second_step_get_nowhere_where_one_is_asked_of_them(
    alice: Any, bob: Any, settings: LazySettings
) -> None:
    settings.OPERATORS_TWO_STEPS = True
    role_set(alice, Role.OWNER)
    owner = surely("alice")
    for page in ("/", "/admin/"):
        told = owner.get(page, follow=True, headers={"accept": "text/html"})
        assert told.redirect_chain[-1][0] == "/account/2fa/"
    for door in ("/api/sessions/", "/metrics"):
        refused = owner.get(door)
        assert refused.status_code == 403
        assert "second_step_needed" in refused.content.decode()
    two_steps(owner)
    for page in ("/admin/", "/api/sessions/", "/metrics"):
        assert owner.get(page).status_code == 200
    assert sign_in("bob")[0].get("/api/sessions/").status_code == 200


def test_a_new_encryption_key_takes_second_steps_along(alice: Any, settings: LazySettings) -> None:
    client = surely("alice")
    secret = two_steps(client)
    client.post("/account/2fa/recovery-codes/generate/")
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old]
    assert secrets_rotate().changed == 2
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    other, _ = sign_in("alice")
    other.post("/account/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(other)
