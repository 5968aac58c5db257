"""What a server promises that stands in the internet, with the settings that docs/trust.md names."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory

from chat.actions.keys import key_create
from chat.models import ChatSession, Message, Run
from chat.origins import address_of
from tests.prepared import ROOT

TLS = {"X-Forwarded-Proto": "https"}


@pytest.fixture
def over_tls(settings: Any) -> None:
    """As PARLEY_HTTPS sets it."""
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 3600
    settings.TRUSTED_PROXIES = 1


def test_djangos_own_check_finds_nothing_to_say(tmp_path: Path) -> None:
    own = {"PARLEY_DATA": str(tmp_path), "PARLEY_HTTPS": "1", "PARLEY_HOSTS": "chat.example.com"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_over_tls_cookies_and_pages_are_for_tls_alone(over_tls: None, alice: Any) -> None:
    plain, browser = Client().get("/login/"), Client(headers=TLS)
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/login/")
    assert browser.get("/login/").headers["Strict-Transport-Security"] == "max-age=3600"
    signed_in = browser.post("/login/", {"username": "alice", "password": "alice-pass-word"})
    cookies = dict(signed_in.cookies.items())
    assert cookies.keys() >= {"sessionid", "csrftoken"}
    assert all(cookie["secure"] and cookie["samesite"] == "Lax" for cookie in cookies.values())
    assert cookies["sessionid"]["httponly"]
    assert Client().get("/healthz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/login/", "/api/models/", "/v1/models", "/admin/login/", "/nothing", "/healthz"]
)
def test_every_answer_says_what_browsers_may_make_of_it(path: str) -> None:
    headers = Client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:x", "a b", ""])
def test_a_host_that_is_not_this_one_is_refused_in_json(settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    response = Client().get("/api/models/", headers={"Host": host})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("trusted", "said", "found"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 8.8.8.8, 9.9.9.9", "8.8.8.8"),
        (2, "8.8.8.8", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_as_far_as_own_proxies_wrote_it(
    settings: Any, trusted: int, said: str, found: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    assert address_of(RequestFactory().get("/", headers={"X-Forwarded-For": said})) == found


@pytest.mark.django_db
def test_the_admin_shows_which_key_a_run_came_with_and_not_what_was_said(
    client: Client, admin_user: Any, alice: Any
) -> None:
    key, _ = key_create(user=alice, name="laptop")
    session = ChatSession.objects.create(owner=alice)
    message = Message.objects.create(session=session, role="assistant")
    said: dict[str, Any] = {
        "input": "said-canary",
        "set_aside": ["said-canary"],
        "options": {"x": "said-canary"},
    }
    run = Run.objects.create(session=session, message=message, user=alice, api_key=key.pk, **said)
    client.force_login(admin_user)
    for page in ("/admin/chat/run/", f"/admin/chat/run/{run.pk}/change/"):
        shown = client.get(page).content.decode()
        assert f"laptop …{key.hint}" in shown
        assert "said-canary" not in shown
