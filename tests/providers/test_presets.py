"""Servers that speak chat completions in their own manner: as data."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from providers.contract import ChatMessage, ProviderConfig
from providers.parts import TextPart
from providers.presets import PRESETS, Quirks, preset_for, quirks_for
from providers.registry import adapter_class, kind_named
from tests.contract.kind import collect
from tests.contract.kinds import COMPATIBLE
from tests.fakes.provider import FakeProvider


def config(base_url: str = "", **extra: Any) -> ProviderConfig:
    return ProviderConfig(provider_id="p", kind="openai-compatible", base_url=base_url, extra=extra)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.id)
def test_a_preset_is_whole(preset: Any) -> None:
    address = urlsplit(preset.base_url)
    assert preset.label
    assert (address.scheme == "https") == preset.needs_key
    assert (address.hostname == "127.0.0.1") == (not preset.needs_key)
    assert preset_for(config(preset.base_url)) == preset == preset_for(config(preset=preset.id))


def test_what_an_operator_sets_goes_before() -> None:
    told = config(preset="zhipu", quirks={"stream_options": True, "unknown": 1})
    assert quirks_for(told) == Quirks(stream_options=True, reasoning_field="reasoning_content")
    assert quirks_for(config(accepts_prefix=True)) == Quirks(accepts_prefix=True)
    assert quirks_for(config("http://somewhere.example/v1")) == Quirks()


@pytest.mark.parametrize(("preset", "asks"), [("zhipu", False), ("deepseek", True)])
async def test_usage_is_not_asked_for_where_that_is_refused(
    fake: FakeProvider, preset: str, asks: bool
) -> None:
    adapter = adapter_class("openai-compatible")(config(fake.base_url, preset=preset))
    await collect(adapter, COMPATIBLE.request(max_tokens=7))
    assert ("stream_options" in fake.requests[0].body) is asks
    assert fake.requests[0].body["max_tokens"] == 7


async def test_a_server_without_a_list_has_the_presets(fake: FakeProvider) -> None:
    fake.play(status=404)
    adapter = adapter_class("openai_compatible")(config(fake.base_url, preset="moonshot"))
    assert [model.id for model in await adapter.models()] == list(PRESETS["moonshot"].models)


def test_a_kind_may_be_spelled_in_python() -> None:
    assert kind_named("openai_compatible") == "openai-compatible"
    assert kind_named("my_own") == "my_own"


@pytest.mark.parametrize(("begun", "told"), [(True, True), (False, None)])
async def test_a_server_that_goes_on_with_an_answer_is_told_to(
    fake: FakeProvider, begun: bool, told: Any
) -> None:
    answer = ChatMessage(role="assistant", parts=(TextPart(text="Once upon"),))
    adapter = adapter_class("openai-compatible")(config(fake.base_url, preset="vllm"))
    await collect(adapter, COMPATIBLE.request(*([answer] if begun else [])))
    assert fake.requests[0].body.get("continue_final_message") == told
