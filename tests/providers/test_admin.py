"""The operator's pages: a key goes in and never comes out, a connection can be tested."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from providers.models import Provider
from providers.secrets import Secret
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.django_db

KEY = "sk-an-operators-key-9876"
URL = "/admin/providers/provider/"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", password="a-pass-word"))
    return client


@pytest.fixture
def provider() -> Provider:
    provider = Provider(id="acme", kind="openai-compatible", base_url="http://127.0.0.1:9/v1")
    provider.set_api_key(KEY)
    provider.save()
    return provider


def form(**changes: Any) -> dict[str, Any]:
    """What the form sends when nothing is changed, and the changes."""
    inline = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    filled = {"kind": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "label": "", "api_key": ""}
    rest = {"position": 100, "enabled": "on", "timeouts": "{}", "extra": "{}"}
    numbers = {"priority": 100, "weight": 1, "max_retries": 2, "verify_tls": "on"}
    return {
        **filled,
        **rest,
        **numbers,
        **{f"models-{name}": value for name, value in inline.items()},
        **changes,
    }


def saved(operator: Client, **changes: Any) -> tuple[Provider, Any]:
    response = operator.post(f"{URL}acme/change/", form(**changes))
    return Provider.objects.get(pk="acme"), response


def test_a_new_provider_is_stored_with_its_key_encrypted(operator: Client) -> None:
    response = operator.post(f"{URL}add/", form(id="acme", api_key=KEY))
    assert response.status_code == 302
    provider = Provider.objects.get(pk="acme")
    assert provider.api_key == Secret(KEY)
    assert KEY not in provider.api_key_encrypted


def test_no_page_shows_the_key(operator: Client, provider: Provider) -> None:
    for path in ("", "acme/change/", "acme/history/", "add/"):
        page = operator.get(URL + path).content.decode()
        assert KEY not in page
        assert provider.api_key_encrypted not in page
    assert "…9876" in operator.get(f"{URL}acme/change/").content.decode()


def test_a_key_is_not_repeated_with_an_error(operator: Client, provider: Provider) -> None:
    _, response = saved(operator, base_url="nonsense", api_key="sk-typed-in-just-now")
    assert response.status_code == 200
    assert "sk-typed-in-just-now" not in response.content.decode()


def test_an_empty_field_keeps_the_key(operator: Client, provider: Provider) -> None:
    changed, response = saved(operator, label="Acme", default_headers="", timeouts="", extra="")
    assert response.status_code == 302
    assert (changed.label, changed.api_key) == ("Acme", Secret(KEY))
    assert (changed.secret_headers, changed.timeouts, changed.extra) == ({}, {}, {})


@pytest.mark.parametrize("change", [{"base_url": "http://elsewhere.example/v1"}, {"kind": "anthropic"}])
def test_a_new_address_needs_the_key_again(
    operator: Client, provider: Provider, change: dict[str, str]
) -> None:
    refused, response = saved(operator, **change)
    assert response.status_code == 200
    assert refused.base_url == provider.base_url
    assert "enter the API key again" in response.content.decode()
    moved, response = saved(operator, **change, api_key="sk-of-the-new-address")
    assert response.status_code == 302
    assert moved.api_key == Secret("sk-of-the-new-address")


def test_an_address_from_the_environment_is_guarded_too(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    Provider.objects.create(id="openai", kind="openai", from_environment=True)
    response = operator.post(f"{URL}openai/change/", form(kind="openai", base_url="http://elsewhere.example"))
    assert response.status_code == 200
    assert Provider.objects.get(pk="openai").base_url == ""


def test_a_key_can_be_removed(operator: Client, provider: Provider) -> None:
    changed, response = saved(operator, clear_api_key="on", base_url="http://elsewhere.example")
    assert response.status_code == 302
    assert not changed.api_key


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "ftp://x"},
        {"base_url": "http://"},
        {"base_url": "http://user:pass@host"},
        {"base_url": "http://host:port"},
        {"api_key": "sk-gebrüll"},
        {"default_headers": "[1]"},
        {"default_headers": '{"x": "a\\nb"}'},
        {"timeouts": '{"connect": 0}'},
        {"timeouts": '{"connect": "soon"}'},
        {"extra": "[1]"},
        {"kind": "nonesuch"},
    ],
)
def test_wrong_settings_are_refused(operator: Client, provider: Provider, change: dict[str, str]) -> None:
    _, response = saved(operator, **{"api_key": KEY, **change})
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()


@pytest.fixture
def connected(provider: Provider, threaded_fake: FakeProvider) -> Provider:
    provider.base_url = threaded_fake.base_url
    provider.save()
    return provider


def test_a_connection_that_works_shows_its_models(operator: Client, connected: Provider) -> None:
    page = operator.post(f"{URL}acme/check/").content.decode()
    assert "gpt-fake" in page
    connected.refresh_from_db()
    assert connected.check_status == "ok"
    assert connected.check_latency_ms is not None
    operator.post(f"{URL}acme/add_models/", {"name": ["gpt-fake", "gpt-fake"]})
    assert [model.name for model in connected.models.all()] == ["gpt-fake"]


def test_a_connection_that_fails_says_why(
    operator: Client, connected: Provider, threaded_fake: FakeProvider
) -> None:
    threaded_fake.play(status=401, raw=b'{"error": {"message": "raw upstream words"}}')
    page = operator.post(f"{URL}acme/check/").content.decode()
    assert "rejected the API key" in page
    assert "raw upstream words" not in page
    connected.refresh_from_db()
    assert (connected.check_status, KEY in connected.check_message) == ("failed", False)


def test_testing_is_a_post_with_a_token(operator: Client, provider: Provider) -> None:
    assert operator.get(f"{URL}acme/check/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies
    assert strict.post(f"{URL}acme/check/").status_code == 403


def test_testing_is_for_operators(provider: Provider) -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", password="a-pass-word", is_staff=True))
    assert client.post(f"{URL}acme/check/").status_code == 403
    assert Client().post(f"{URL}acme/check/").status_code == 302
