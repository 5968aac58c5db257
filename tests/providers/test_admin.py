"""The operator's pages: a key goes in and never comes out, a connection can be tested."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from providers.briefly import forget
from providers.contract import ProviderConfig
from providers.models import Provider, Route
from providers.routing import Candidate
from providers.secrets import Secret
from providers.switchboard import close_switchboard, switchboard
from providers.windows import Totals
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.django_db

KEY = "sk-an-operators-key-9876"
URL = "/admin/providers/provider/"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
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
    kept = page.partition('name="kept" value="')[2].partition('"')[0]
    operator.post(f"{URL}acme/add_models/", {"name": ["gpt-fake", "made-up"], "kept": kept})
    assert [model.name for model in connected.models.all()] == ["gpt-fake"]
    operator.post(f"{URL}acme/add_models/", {"all": "1", "kept": kept + "x"})
    assert connected.models.count() == 1
    operator.post(f"{URL}acme/add_models/", {"all": "1", "kept": kept})
    assert connected.models.count() > 1


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
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.post(f"{URL}acme/check/").status_code == 403
    assert Client().post(f"{URL}acme/check/").status_code == 302


def test_headers_go_in_and_never_come_out(operator: Client, provider: Provider) -> None:
    changed, response = saved(operator, default_headers='{"x-key": "a-secret-of-the-headers"}')
    assert changed.secret_headers == {"x-key": "a-secret-of-the-headers"}
    page = operator.get(f"{URL}acme/change/").content.decode()
    assert "x-key …ders" in page
    assert "a-secret-of" not in page
    changed, response = saved(operator, base_url="http://elsewhere.example/v1", api_key="sk-another")
    assert "enter the headers again" in response.content.decode()
    changed, response = saved(operator, clear_headers="on")
    assert changed.secret_headers == {}


@pytest.mark.parametrize("change", [{"proxy": "http://elsewhere.example:3128"}, {"verify_tls": ""}])
def test_a_new_way_to_the_address_needs_the_key_again(
    operator: Client, provider: Provider, change: dict[str, str]
) -> None:
    refused, response = saved(operator, **change)
    assert "enter the API key again" in response.content.decode()
    assert (refused.proxy, refused.verify_tls) == ("", True)


@pytest.fixture
def asked_lately(provider: Provider) -> Iterator[None]:
    """Four requests in this process, one of which failed."""
    asked = Totals(requests=4, errors=1, answers=3, answer_ms=900, first_tokens=3, first_token_ms=369)
    config = ProviderConfig(provider_id="acme", kind="openai-compatible")

    async def ask() -> None:
        switchboard().window(Candidate(config=config, model="chat")).add(asked)
        switchboard().breaker.failed("acme/chat", retry_after=100)

    forget()
    with asyncio.Runner() as runner:
        runner.run(ask())
        yield
        runner.run(close_switchboard())


@pytest.mark.usefixtures("asked_lately")
@pytest.mark.parametrize(
    ("path", "told"), [("", ["25%", "123", "open: left alone"]), ("acme/change/", ["chat", "300", "123"])]
)
def test_list_and_page_tell_how_a_provider_did_lately(operator: Client, path: str, told: list[str]) -> None:
    page = operator.get(URL + path).content.decode()
    assert [word for word in told if word not in page] == []


def test_chosen_providers_are_exported_with_the_routes_that_need_no_other(
    operator: Client, provider: Provider
) -> None:
    other = Provider.objects.create(id="other", kind="demo")
    for name, targets in (("own", [provider]), ("mixed", [provider, other])):
        route = Route.objects.create(name=name)
        for target in targets:
            route.targets.create(provider=target, model="m")
    chosen = {"action": "export_chosen", "_selected_action": ["acme"]}
    content = operator.post(URL, chosen).json()
    assert [row["id"] for row in content["providers"]] == ["acme"]
    assert [row["name"] for row in content["routes"]] == ["own"]
    assert KEY not in str(content)


def test_a_proxys_login_is_stored_and_removed_and_not_shown(operator: Client, provider: Provider) -> None:
    way = {"proxy": "http://proxy.example:3128", "api_key": KEY}
    changed, _ = saved(operator, **way, proxy_login="me:canary-of-the-proxy")
    assert changed.proxy_login.reveal() == "me:canary-of-the-proxy"
    page = operator.get(f"{URL}acme/change/").content.decode()
    assert "A login is stored" in page and "canary" not in page
    kept, _ = saved(operator, proxy=way["proxy"])
    assert kept.proxy_login.reveal() == "me:canary-of-the-proxy"
    removed, _ = saved(operator, proxy=way["proxy"], clear_proxy_login="on")
    assert removed.proxy_login_encrypted == ""


def test_a_preset_fills_in_address_and_models(operator: Client) -> None:
    blank = {"label": "", "base_url": "", "api_key": KEY}
    response = operator.post(f"{URL}add/", form(id="ds", preset="deepseek", **blank))
    assert response.status_code == 302
    made = Provider.objects.get(pk="ds")
    assert (made.base_url, made.label) == ("https://api.deepseek.com/v1", "DeepSeek")
    assert made.models.filter(name="deepseek-chat").exists()


def test_a_provider_is_switched_off_and_on(operator: Client, provider: Provider) -> None:
    for enabled in (False, True):
        operator.post(f"{URL}acme/switch/")
        provider.refresh_from_db()
        assert provider.enabled is enabled
    chosen = {"action": "switch_off", "_selected_action": ["acme"]}
    operator.post(URL, chosen)
    provider.refresh_from_db()
    assert not provider.enabled


def test_capabilities_and_prices_of_a_model_are_ticked_and_typed(
    operator: Client, provider: Provider
) -> None:
    model = provider.models.create(name="small")
    page = f"/admin/providers/providermodel/{model.pk}/change/"
    fields = {"enabled": "on", "capabilities": ["tools", "images"], "input_price": "1.5", "output_price": "2"}
    assert operator.post(page, fields).status_code == 302
    model.refresh_from_db()
    assert (model.capabilities, str(model.input_price)) == (["tools", "images"], "1.500000")
    assert "errorlist" in operator.post(page, {**fields, "capabilities": ["flying"]}).content.decode()
    operator.post(page, {"enabled": "on"})
    model.refresh_from_db()
    assert (model.capabilities, model.input_price) == (None, None)


def test_providers_go_out_and_in_as_a_file(operator: Client, provider: Provider) -> None:
    written = operator.get(f"{URL}export/").content
    assert KEY.encode() not in written
    Provider.objects.all().delete()
    upload = SimpleUploadedFile("providers.json", written)
    assert operator.post(f"{URL}import/", {"file": upload}).status_code == 302
    assert Provider.objects.get(pk="acme").base_url == provider.base_url
    page = operator.post(f"{URL}import/", {"file": SimpleUploadedFile("x.json", b"[]")})
    assert "Nothing was imported" in page.content.decode()


def test_a_route_is_made_with_its_targets(operator: Client, provider: Provider) -> None:
    provider.models.create(name="small")
    page = "/admin/providers/route/add/"
    inline = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 1, "MAX_NUM_FORMS": 1000}
    target = {"0-position": 0, "0-provider": "acme", "0-model": "small", "0-weight": 1}
    rows = {f"targets-{name}": value for name, value in {**inline, **target}.items()}
    route = {"strategy": "priority", "hedge_after": "2", "enabled": "on", **rows}
    assert "A model has this name" in operator.post(page, {**route, "name": "small"}).content.decode()
    assert "errorlist" in operator.post(page, {**route, "name": "a/b"}).content.decode()
    assert operator.post(page, {**route, "name": "best"}).status_code == 302
    assert str(Route.objects.get().targets.get()) == "acme/small"
    assert "acme/small" in operator.get("/admin/providers/route/").content.decode()


@pytest.mark.parametrize("path", ["", "add/", "import/", "export/"])
def test_the_pages_are_for_operators(provider: Provider, path: str) -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(URL + path).status_code == 403
