"""Signing in, out and up, by the pages and by the API."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("anew")]
HTML = {"HTTP_ACCEPT": "text/html"}


def sign_in(client: Client, name: str, password: str) -> Any:
    return client.post("/login/", {"username": name, "password": password})


def test_a_name_or_an_address_and_the_password_let_in(client: Client, alice: Any) -> None:
    alice.email = "alice@example.org"
    alice.save()
    for name in ("alice", "alice@example.org"):
        assert sign_in(client, name, "alice-pass-word").headers["location"] == "/"
        assert client.get("/settings").status_code == 200
        assert client.post("/logout/").headers["location"] == "/login/"
        assert client.get("/settings").status_code == 302


def test_signing_in_leads_to_no_foreign_page(client: Client, alice: Any) -> None:
    form = {"username": "alice", "password": "alice-pass-word", "next": "https://evil.example/"}
    assert client.post("/login/", form).headers["location"] == "/"


def test_a_disabled_account_is_not_let_in(client: Client, alice: Any) -> None:
    alice.is_active = False
    alice.save()
    sign_in(client, "alice", "alice-pass-word")
    assert client.get("/settings").status_code == 302


def test_a_guesser_is_refused_the_right_password_too_and_at_the_admin(client: Client, alice: Any) -> None:
    for _ in range(10):
        sign_in(client, "alice", "wrong")
    sign_in(client, "alice", "alice-pass-word")
    assert client.get("/settings").status_code == 302
    assert client.get("/admin/login/", follow=True).redirect_chain[-1][0].startswith("/login/")


def test_a_forgotten_password_is_replaced_by_a_link(client: Client, alice: Any, mailoutbox: Any) -> None:
    alice.email = "alice@example.org"
    alice.save()
    client.post("/account/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", mailoutbox[0].body)
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "a-new-pass-word", "password2": "a-new-pass-word"})
    assert sign_in(client, "alice", "a-new-pass-word").status_code == 302
    assert client.get(link[1], follow=True).context["token_fail"]


def test_nobody_learns_who_has_an_account(client: Client, alice: Any, mailoutbox: Any) -> None:
    alice.email = "alice@example.org"
    alice.save()
    told = [
        client.post("/account/password/reset/", {"email": f"{name}@example.org"}, follow=True)
        for name in ("alice", "nobody")
    ]
    assert told[0].redirect_chain == told[1].redirect_chain
    known, unknown = (re.sub(rb'value="\w+"', b"", page.content) for page in told)  # CSRF tokens
    assert known == unknown


def test_sign_up_is_closed_unless_it_is_opened(client: Client, settings: LazySettings) -> None:
    form = {"username": "dora", "password1": "long-enough-pw", "password2": "long-enough-pw"}
    client.post("/account/signup/", form)
    assert client.get("/settings").status_code == 302
    settings.SIGN_UP = "open"
    assert client.post("/account/signup/", form).status_code == 302
    assert client.get("/settings").status_code == 200


def test_the_pages_speak_chinese_and_hold_to_the_policy(client: Client) -> None:
    for page in ("/login/", "/account/password/reset/", "/account/signup/"):
        shown = client.get(page, HTTP_ACCEPT_LANGUAGE="zh-hans", **HTML)  # type: ignore[arg-type]
        assert 'lang="zh-hans"' in shown.content.decode(), page
        assert "style=" not in shown.content.decode()
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
