"""Model servers that are found on this machine, and the environment's own Ollama."""

from dataclasses import replace
from typing import Any

import pytest

from providers import local
from providers.catalogue import available_models, config_for, sync_environment
from providers.environment import ollama_address
from providers.local import LOCAL_SERVERS, look_for_local_servers
from providers.models import Provider
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_home(fake: FakeProvider, settings: Any, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """The fake one is where LM Studio would be; nobody is where Ollama would be."""
    settings.REDIS_URL = ""
    ollama, studio = LOCAL_SERVERS
    here = (replace(ollama, base_url="http://127.0.0.1:9"), replace(studio, base_url=fake.base_url))
    monkeypatch.setattr(local, "LOCAL_SERVERS", here)
    return fake


async def test_a_local_server_that_answers_appears_with_its_models(at_home: FakeProvider) -> None:
    await look_for_local_servers()
    found = [provider async for provider in Provider.objects.all()]
    assert [(row.pk, row.kind, row.preset) for row in found] == [
        ("lm-studio", "openai-compatible", "lm-studio")
    ]
    assert await found[0].models.filter(name="gpt-fake").aexists()


async def test_what_an_operator_set_up_is_left_alone(at_home: FakeProvider) -> None:
    await Provider.objects.acreate(id="lm-studio", kind="demo", enabled=False)
    await look_for_local_servers()
    kept = await Provider.objects.aget()
    assert (kept.kind, kept.enabled, at_home.requests) == ("demo", False, [])


@pytest.mark.parametrize("shape", [{"PARLEY_LOCAL_SERVERS": "off"}, {"REDIS_URL": "redis://x"}])
async def test_nobody_looks_where_it_is_switched_off_and_in_the_scaled_shapes(
    at_home: FakeProvider, settings: Any, monkeypatch: pytest.MonkeyPatch, shape: dict[str, str]
) -> None:
    settings.REDIS_URL = shape.pop("REDIS_URL", "")
    for name, value in shape.items():
        monkeypatch.setenv(name, value)
    await look_for_local_servers()
    assert not await Provider.objects.aexists()
    assert at_home.connections == 0


async def test_another_kind_of_server_at_the_port_is_not_used(at_home: FakeProvider) -> None:
    at_home.play(status=404, raw=b"no")
    await look_for_local_servers()
    assert not await Provider.objects.aexists()


def test_an_ollama_of_the_environment_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "models.lan:11500")
    sync_environment()
    ollama = Provider.objects.get(pk="ollama")
    assert config_for(ollama).base_url == "http://models.lan:11500"
    ollama.models.create(name="qwen3")
    assert "ollama/qwen3" in [model["id"] for model in available_models()]
    monkeypatch.delenv("OLLAMA_HOST")
    assert "ollama/qwen3" not in [model["id"] for model in available_models()]


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":5000", "http://127.0.0.1:5000"),
        ("[::]:5000", "http://[::1]:5000"),
        ("models.lan", "http://models.lan:11434"),
        ("https://models.lan/ollama/", "https://models.lan/ollama"),
        ("models.lan:port", ""),
    ],
)
def test_ollamas_address_is_read_as_ollama_reads_it(told: str, address: str) -> None:
    assert ollama_address(told) == address
