"""Setting providers up over the API and in Python: who may, what is checked, and where keys go."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.exceptions import ValidationError

from chat.models import ApiKey
from providers.catalogue import config_for, resolve
from providers.models import Provider, Route
from providers.registration import register_provider
from providers.secrets import Secret
from providers.transfer import exported
from tests.cast import make_key
from tests.fakes.provider import FakeProvider
from tests.providers.conftest import Api

pytestmark = pytest.mark.django_db

KEY = "sk-an-operators-key-9876"
ACME = {
    "id": "acme",
    "kind": "openai-compatible",
    "base_url": "http://acme.example/v1",
    "api_key": KEY,
    "models": ["small", {"name": "large", "capabilities": ["tools"], "input_price": "1.5"}],
}


@pytest.fixture
def acme(api: Api) -> Provider:
    assert api("POST", "providers/", ACME)[0] == 201
    return Provider.objects.get(pk="acme")


def test_a_provider_is_made_with_its_models_and_shows_no_key(api: Api) -> None:
    status, made = api("POST", "providers/", ACME)
    assert status == 201
    assert (made["id"], made["api_key_hint"]) == ("acme", "9876")
    assert [model["name"] for model in made["models"]] == ["small", "large"]
    for path in ("providers/", "providers/acme/"):
        assert KEY not in str(api("GET", path))
    assert resolve("acme/large")[1] == "large"
    assert config_for(Provider.objects.get(pk="acme")).api_key == Secret(KEY)


def test_every_setting_comes_back(api: Api, acme: Provider) -> None:
    settings = {
        "label": "Acme",
        "organization": "org",
        "project": "proj",
        "api_version": "2026-01-01",
        "enabled": False,
        "priority": 5,
        "weight": 3,
        "max_retries": 0,
        "max_concurrency": 4,
        "requests_per_minute": 60,
        "tokens_per_minute": 100_000,
        "timeouts": {"connect": 2, "total": 600},
        "extra": {"any_model": True},
    }
    status, changed = api("PATCH", "providers/acme/", settings)
    assert status == 200
    assert {name: changed[name] for name in settings} == settings
    config = config_for(Provider.objects.get(pk="acme"))
    assert (config.organization, config.project, config.api_version) == ("org", "proj", "2026-01-01")
    assert (config.timeouts.connect, config.timeouts.total) == (2, 600)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nonesuch"}, "kind"),
        ({"preset": "nonesuch"}, "preset"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": ["x"]}, "base_url"),
        ({"api_key": "sk-gebrüll"}, "api_key"),
        ({"api_key_variable": "PARLEY_SECRET_API_KEY"}, "api_key_variable"),
        ({"api_key_variable": "DATABASE_URL"}, "api_key_variable"),
        ({"proxy": "http://user:pass@proxy:3128"}, "proxy"),
        ({"proxy_login": "nobody"}, "proxy_login"),
        ({"proxy_login": "me:a\nb"}, "proxy_login"),
        ({"headers": {"x": "a\nb"}}, "headers"),
        ({"timeouts": {"connect": 0}}, "timeouts"),
        ({"timeouts": {"conect": 5}}, "timeouts"),
        ({"extra": [1]}, "extra"),
        ({"weight": -1}, "weight"),
        ({"max_retries": 99}, "max_retries"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"tokens_per_minute": 10**30}, "tokens_per_minute"),
        ({"models": [{"name": "x", "capabilities": ["flying"]}]}, "models.0.capabilities"),
        ({"models": [{"name": "x", "input_price": "-1"}]}, "models.0.input_price"),
        ({"models": [{"name": "x", "input_price": "NaN"}]}, "models.0.input_price"),
        ({"models": "x"}, "models"),
        ({"basurl": "http://x"}, "basurl"),
        ({"from_environment": True}, "from_environment"),
        ({"id": "other"}, "id"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(
    api: Api, acme: Provider, change: dict[str, Any], field: str
) -> None:
    status, told = api("PATCH", "providers/acme/", {"label": "changed", **change})
    assert (status, told["error"]["field"]) == (400, field)
    assert told["error"]["code"] in ("invalid", "unknown_field")
    acme.refresh_from_db()
    assert (acme.label, acme.models.count()) == ("", 2)


def test_a_body_that_is_nested_too_deeply_is_refused(api: Api, acme: Provider) -> None:
    deep: Any = 1
    for _ in range(900):
        deep = {"a": deep}
    assert api("PATCH", "providers/acme/", {"extra": deep})[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "http://elsewhere.example/v1"},
        {"kind": "anthropic"},
        {"proxy": "http://elsewhere.example:3128"},
        {"verify_tls": False},
        {"ca_file": "/tmp/mine.pem"},
    ],
)
def test_a_new_address_needs_the_key_and_the_headers_again(
    api: Api, acme: Provider, change: dict[str, Any]
) -> None:
    api("PATCH", "providers/acme/", {"headers": {"x-key": "a-secret-of-the-headers"}})
    for known in ({}, {"api_key": KEY}, {"headers": {}}):
        status, told = api("PATCH", "providers/acme/", {**change, **known})
        assert (status, told["error"]["code"]) == (400, "key_needed")
    given = {"api_key": "sk-of-the-new-address", "headers": {"x-key": "another"}}
    assert api("PATCH", "providers/acme/", {**change, **given})[0] == 200
    config = config_for(Provider.objects.get(pk="acme"))
    assert (config.api_key.reveal(), config.headers) == ("sk-of-the-new-address", {"x-key": "another"})


def test_a_proxys_login_is_kept_for_that_proxy_and_never_shown(api: Api, acme: Provider) -> None:
    proxied = {"proxy": "http://proxy.example:3128", "proxy_login": "me:p@ss/word", "api_key": KEY}
    status, told = api("PATCH", "providers/acme/", proxied)
    assert (status, told["has_proxy_login"]) == (200, True)
    acme.refresh_from_db()
    assert "p@ss" not in f"{told}{Provider.objects.values().get(pk='acme')}{exported()}"
    config = config_for(acme)
    assert config.http.proxy == "http://me:p%40ss%2Fword@proxy.example:3128"
    assert config.without_secrets("407 for me:p@ss/word") == "407 for me:••••"
    moved = {"proxy": "http://elsewhere.example:3128", "api_key": KEY}
    status, told = api("PATCH", "providers/acme/", moved)
    assert (status, told["error"]["code"], told["error"]["field"]) == (400, "key_needed", "proxy_login")
    assert api("PATCH", "providers/acme/", {**moved, "proxy_login": ""})[0] == 200
    acme.refresh_from_db()
    assert config_for(acme).http.proxy == "http://elsewhere.example:3128"


def test_headers_are_stored_encrypted_and_shown_as_hints(api: Api, acme: Provider) -> None:
    status, changed = api("PATCH", "providers/acme/", {"headers": {"x-key": "a-secret-of-the-headers"}})
    assert (status, changed["header_hints"]) == (200, {"x-key": "ders"})
    acme.refresh_from_db()
    assert "a-secret-of" not in f"{changed}{acme.headers}{acme.headers_encrypted}"
    assert config_for(acme).headers == {"x-key": "a-secret-of-the-headers"}
    assert "a-secret-of" not in repr(config_for(acme))


def test_headers_of_an_older_version_are_encrypted_when_saved(acme: Provider) -> None:
    Provider.objects.filter(pk="acme").update(headers={"x-key": "in-clear"})
    acme.refresh_from_db()
    assert config_for(acme).headers == {"x-key": "in-clear"}
    acme.save()
    acme.refresh_from_db()
    assert (acme.headers, acme.secret_headers) == ({}, {"x-key": "in-clear"})


def test_a_preset_fills_in_what_is_not_given(api: Api) -> None:
    status, made = api("POST", "providers/", {"id": "deepseek", "preset": "deepseek", "api_key": KEY})
    assert (status, made["kind"], made["base_url"]) == (
        201,
        "openai-compatible",
        "https://api.deepseek.com/v1",
    )
    assert [model["name"] for model in made["models"]] == ["deepseek-chat", "deepseek-reasoner"]


def test_a_key_in_a_variable_goes_where_the_environment_says(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_API_KEY", KEY)
    told = {"kind": "openai", "api_key_variable": "ACME_API_KEY"}
    status, refused = api("POST", "providers/", {**told, "id": "a", "base_url": "http://mine.example"})
    assert (status, refused["error"]["field"]) == (400, "api_key_variable")
    monkeypatch.setenv("ACME_BASE_URL", "http://acme.example/v1")
    assert api("POST", "providers/", {**told, "id": "a", "base_url": "http://acme.example/v1"})[0] == 201
    assert api("POST", "providers/", {**told, "id": "b"})[0] == 201
    assert config_for(Provider.objects.get(pk="a")).api_key == Secret(KEY)
    assert api("PATCH", "providers/a/", {"base_url": "http://mine.example"})[0] == 400
    assert api("PATCH", "providers/a/", {"base_url": "http://mine.example", "api_key": "own"})[0] == 200
    assert api("PATCH", "providers/a/", {"api_key": ""})[0] == 400


def test_the_environments_own_key_does_not_follow_to_a_new_address(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    Provider.objects.create(id="openai", kind="openai", from_environment=True)
    moved = {"base_url": "http://mine.example"}
    assert api("PATCH", "providers/openai/", moved)[0] == 400
    assert api("PATCH", "providers/openai/", {**moved, "api_key": "own"})[0] == 200
    assert api("PATCH", "providers/openai/", {"api_key": ""})[0] == 400
    assert api("PATCH", "providers/openai/", {"api_key": "", "base_url": ""})[0] == 200


def test_registering_again_changes_the_provider(api: Api) -> None:
    body = {"provider_id": "my_openai", "provider_type": "openai", "model_name": "gpt-4", "api_key": KEY}
    status, made = api("POST", "streaming/providers/register", body)
    assert (status, made["provider_id"], made["model_name"]) == (201, "my_openai", "gpt-4")
    status, again = api("POST", "streaming/providers/register", {**body, "model_name": "gpt-5"})
    assert (status, again["models"]) == (200, ["gpt-4", "gpt-5"])
    assert KEY not in str((made, again, api("GET", "streaming/providers")))
    compatible = {**body, "provider_id": "x", "provider_type": "openai_compatible"}
    assert api("POST", "streaming/providers/register", {**compatible, "base_url": "http://x/v1"})[0] == 201


def test_registration_names_fields_in_the_guides_words(api: Api) -> None:
    body = {"provider_id": "a b", "provider_type": "openai"}
    assert api("POST", "streaming/providers/register", body)[1]["error"]["field"] == "provider_id"
    body = {"provider_id": "a", "provider_type": "nonesuch"}
    assert api("POST", "streaming/providers/register", body)[1]["error"]["field"] == "provider_type"
    assert api("POST", "streaming/providers/register", {})[0] == 400


@pytest.mark.parametrize("path", ["providers/", "providers/acme/", "routes/", "providers/acme/health/"])
def test_those_who_are_no_staff_are_refused(
    acme: Provider, api: Api, stranger: Api, operator: User, path: str
) -> None:
    assert api("GET", path)[0] == 200
    assert stranger("GET", path)[0] == 403
    chat_only = make_key(operator)
    ApiKey.objects.filter(hint=chat_only[-4:], user=operator).update(scopes=["chat"])
    assert Api(chat_only)("GET", path)[0] == 403
    assert Api("pk-wrong")("GET", path)[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "providers/", ACME),
        ("PATCH", "providers/acme/", {"label": "x"}),
        ("DELETE", "providers/acme/", None),
        ("POST", "providers/acme/check/", None),
        ("POST", "providers/acme/models/", {"models": ["x"]}),
        ("POST", "streaming/providers/register", {"provider_id": "x", "provider_type": "demo"}),
        ("POST", "routes/", {"name": "x", "targets": []}),
    ],
)
def test_strangers_change_nothing(acme: Provider, stranger: Api, method: str, path: str, body: Any) -> None:
    assert stranger(method, path, body)[0] == 403
    assert Provider.objects.count() == 1


def test_everybody_sees_which_providers_can_be_asked(acme: Provider, stranger: Api) -> None:
    status, shown = stranger("GET", "streaming/providers")
    assert status == 200
    assert shown["providers"][0]["models"] == ["small", "large"]
    assert "acme.example" not in str(shown)


def test_models_are_discovered_added_and_removed(
    api: Api, acme: Provider, threaded_fake: FakeProvider
) -> None:
    api("PATCH", "providers/acme/", {"base_url": threaded_fake.base_url, "api_key": KEY})
    status, checked = api("POST", "providers/acme/check/")
    assert (status, checked["status"], "gpt-fake" in checked["models"]) == (200, "ok", True)
    status, found = api("POST", "providers/acme/models/", {})
    assert [model["name"] for model in found["results"]] == [
        "small",
        "large",
        *checked["models"],
    ]
    api("POST", "providers/acme/models/", {"models": [{"name": "small", "output_price": 2}]})
    shown = api("GET", "providers/acme/models/")[1]["results"]
    assert shown[0]["output_price"] == "2.000000"
    assert api("DELETE", "providers/acme/models/large/")[0] == 204
    assert api("GET", "providers/acme/health/")[1]["check"]["status"] == "ok"


def test_a_failed_check_is_an_answer(api: Api, acme: Provider, threaded_fake: FakeProvider) -> None:
    api("PATCH", "providers/acme/", {"base_url": threaded_fake.base_url, "api_key": KEY})
    threaded_fake.play(status=401, raw=b'{"error": {"message": "raw upstream words"}}')
    status, checked = api("POST", "providers/acme/check/")
    assert (status, checked["status"], checked["error"]["code"]) == (200, "failed", "provider_key_rejected")
    assert "raw upstream" not in str(checked)


def test_a_provider_is_removed_with_its_models(api: Api, acme: Provider) -> None:
    assert api("DELETE", "providers/acme/")[0] == 204
    assert api("GET", "providers/acme/")[0] == 404


def test_python_programs_register_through_the_same_door() -> None:
    made = register_provider("acme", "demo", models=["chat"], label="Acme")
    assert (str(made), resolve("acme/chat")[0].pk) == ("Acme", "acme")
    with pytest.raises(ValidationError) as refused:
        register_provider("acme", "nonesuch")
    assert "kind" in refused.value.get_codes()


def test_routes_are_made_changed_and_removed(api: Api, acme: Provider) -> None:
    targets = [
        {"provider": "acme", "model": "small"},
        {"provider": "acme", "model": "large", "weight": 5},
    ]
    status, made = api("POST", "routes/", {"name": "best", "strategy": "race", "targets": targets})
    assert (status, [target["model"] for target in made["targets"]]) == (201, ["small", "large"])
    status, changed = api("PATCH", "routes/best/", {"targets": targets[::-1], "hedge_after": 1.5})
    assert [target["model"] for target in changed["targets"]] == ["large", "small"]
    assert api("GET", "routes/")[1]["results"][0]["hedge_after"] == 1.5
    assert api("DELETE", "routes/best/")[0] == 204
    assert not Route.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "acme/small"}, "name"),
        ({"name": "small"}, "name"),
        ({"name": ""}, "name"),
        ({"strategy": "luck"}, "strategy"),
        ({"hedge_after": -1}, "hedge_after"),
        ({"targets": []}, "targets"),
        ({"targets": [{"provider": "nonesuch", "model": "x"}]}, "targets.0.provider"),
        ({"targets": [{"provider": "acme", "model": "small"}] * 2}, "targets"),
        ({"retries": 1}, "retries"),
    ],
)
def test_a_wrong_route_is_refused(api: Api, acme: Provider, change: dict[str, Any], field: str) -> None:
    route = {"name": "best", "targets": [{"provider": "acme", "model": "small"}]}
    status, told = api("POST", "routes/", {**route, **change})
    assert (status, told["error"]["field"]) == (400, field)
    assert api("POST", "routes/", route)[0] == 201


def test_the_schema_lists_the_paths(api: Api) -> None:
    paths = api("GET", "schema/?format=json")[1]["paths"]
    for path in ("providers/", "providers/{provider_id}/check/", "streaming/providers/register", "routes/"):
        assert f"/api/{path}" in paths
