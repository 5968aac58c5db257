"""Which models there are: references, the default, the environment's own providers, what they cost."""

from decimal import Decimal
from pathlib import Path

import pytest

from providers import catalogue, errors
from providers.events import Usage
from providers.models import Provider, ProviderModel
from providers.pricing import cost_of
from providers.secrets import Secret

pytestmark = pytest.mark.django_db

VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    Provider.objects.all().delete()
    return monkeypatch


def test_the_demo_is_always_there() -> None:
    catalogue.sync_environment()
    assert catalogue.default_model() == "demo/chat"
    models = {model["model"] for model in catalogue.available_models()}
    assert models == {"chat", "long", "fast", "reason", "tools", "fail"}


def test_a_real_model_is_the_default_before_the_demos(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    catalogue.sync_environment()
    assert catalogue.default_model() == "openai/gpt-5.5"
    assert [model["is_default"] for model in catalogue.available_models()].count(True) == 1


def test_the_operators_default_goes_first() -> None:
    catalogue.sync_environment()
    ProviderModel.objects.filter(name="long").update(is_default=True)
    assert catalogue.default_model() == "demo/long"


def test_no_model_at_all_is_said_so() -> None:
    with pytest.raises(errors.UnknownProvider):
        catalogue.default_model()


def test_a_key_from_the_environment_is_not_stored(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-a-file\n")
    environment.setenv("ANTHROPIC_API_KEY_FILE", str(tmp_path / "key"))
    environment.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    catalogue.sync_environment()
    provider = Provider.objects.get(pk="anthropic")
    config = catalogue.config_for(provider)
    assert config.api_key == Secret("sk-from-a-file")
    assert config.base_url == "http://127.0.0.1:9"
    assert provider.api_key_encrypted == provider.base_url == ""


def test_an_own_key_goes_before_the_environments(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    catalogue.sync_environment()
    provider = Provider.objects.get(pk="openai")
    provider.set_api_key(" sk-of-the-operator\n")
    assert catalogue.config_for(provider).api_key == Secret("sk-of-the-operator")


def test_what_the_operator_changed_stays() -> None:
    catalogue.sync_environment()
    Provider.objects.update(label="Mine", enabled=False)
    ProviderModel.objects.filter(name="fail").delete()
    catalogue.sync_environment()
    provider = Provider.objects.get()
    assert (provider.label, provider.enabled) == ("Mine", False)
    assert not provider.models.filter(name="fail").exists()


def test_a_provider_whose_variable_is_gone_is_not_offered(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    catalogue.sync_environment()
    environment.delenv("OPENAI_API_KEY")
    assert catalogue.default_model() == "demo/chat"
    with pytest.raises(errors.UnknownProvider):
        catalogue.resolve("openai/gpt-5.5")


@pytest.fixture
def local() -> Provider:
    provider = Provider.objects.create(id="local", kind="openai-compatible", base_url="http://127.0.0.1:9/v1")
    provider.models.create(name="org/model", label="A model", context_length=4096)
    return provider


@pytest.mark.parametrize("ref", ["local/org/model", "org/model", "local/not-listed"])
def test_references_that_are_understood(local: Provider, ref: str) -> None:
    provider, name = catalogue.resolve(ref)
    assert provider == local
    assert name == ref.removeprefix("local/")


@pytest.mark.parametrize("ref", ["", "/", "local", "local/", "nobody/x", "x", "demo/not-listed"])
def test_references_that_are_not(local: Provider, ref: str) -> None:
    catalogue.sync_environment()
    with pytest.raises(errors.UnknownProvider):
        catalogue.resolve(ref)


def test_what_is_switched_off_is_not_there(local: Provider) -> None:
    catalogue.resolve("local/org/model")
    model = local.models.get(name="org/model")
    model.enabled = False
    model.save()
    with pytest.raises(errors.UnknownProvider):
        catalogue.resolve("local/org/model")
    model.enabled = True
    model.save()
    local.enabled = False
    local.save()
    with pytest.raises(errors.UnknownProvider):
        catalogue.resolve("local/org/model")


def test_a_provider_can_be_closed_to_unlisted_models(local: Provider) -> None:
    local.extra = {"any_model": False}
    local.save()
    with pytest.raises(errors.UnknownProvider):
        catalogue.resolve("local/not-listed")


def test_kinds_in_use_are_those_that_are_switched_on(local: Provider) -> None:
    Provider.objects.create(id="off", kind="anthropic", enabled=False)
    assert catalogue.kinds_in_use() == {"openai-compatible"}


def test_a_model_as_pages_and_doors_see_it(local: Provider) -> None:
    assert catalogue.available_models() == [
        {
            "id": "local/org/model",
            "provider": "local",
            "provider_label": "local",
            "model": "org/model",
            "label": "A model",
            "context_length": 4096,
            "max_output_tokens": None,
            "capabilities": None,
            "is_default": True,
        }
    ]


def test_settings_reach_the_adapter(local: Provider) -> None:
    local.timeouts = {"connect": 3}
    local.headers = {"x-team": "blue"}
    config = catalogue.config_for(local)
    assert (config.timeouts.connect, config.timeouts.first_token) == (3, 120)
    assert config.headers == {"x-team": "blue"}


def test_a_key_that_cannot_be_read_is_an_error_of_the_key(local: Provider) -> None:
    local.api_key_encrypted = "not a token"
    with pytest.raises(errors.ProviderKeyRejected):
        catalogue.config_for(local)


def test_a_run_costs_what_its_model_costs(local: Provider) -> None:
    usage = Usage(input_tokens=1000, output_tokens=500)
    model = local.models.get()
    assert cost_of(usage, None) is None
    assert cost_of(usage, model) == 0  # a server on this machine that wants no key
    local.set_api_key("sk-of-a-gateway")
    assert cost_of(usage, model) is None
    model.input_price, model.output_price = Decimal("2.5"), Decimal(10)
    assert cost_of(usage, model) == Decimal("0.0075")


def test_the_demo_is_free() -> None:
    catalogue.sync_environment()
    model = ProviderModel.objects.get(provider="demo", name="chat")
    assert cost_of(Usage(input_tokens=1000, output_tokens=500), model) == 0
