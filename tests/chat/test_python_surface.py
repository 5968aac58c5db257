"""The streaming guide's Python examples, with the names that it uses."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.errors import Invalid
from chat.streaming import (
    GeneratorConfig,
    GeneratorMode,
    StreamEvent,
    StreamFormat,
    StreamingGenerator,
    StreamingGeneratorFactory,
    create_streaming_chat_response,
    get_streaming_manager,
    streaming_context,
)
from providers import (
    BaseProviderAdapter,
    ProviderType,
    get_multi_provider_manager,
    register_openai_provider,
)
from providers.events import Finish, RunEvent, TextDelta, TextEnd, TextStart
from providers.http import close_client
from providers.switchboard import close_switchboard
from tests.fakes.threaded import ThreadedFakeProvider

pytestmark = pytest.mark.django_db(transaction=True)

SAID = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "介绍一下 Python"}]
TEXT = "Python 是一门语言. It is 🐍. " * 20


@pytest.fixture
async def main() -> AsyncIterator[Any]:
    """The provider `main`, registered as in the guide."""
    with ThreadedFakeProvider() as fake:
        fake.play(text=TEXT)
        await register_openai_provider(
            provider_id="main", api_key="sk-guide", model_name="gpt-4", base_url=fake.base_url
        )
        yield fake
        await close_client()
        await close_switchboard()


async def test_a_provider_is_registered_and_asked(main: Any) -> None:
    manager = get_multi_provider_manager()
    adapter = manager.get_adapter("main")
    text = "".join([e.delta async for e in adapter.stream_chat(SAID) if isinstance(e, TextDelta)])
    assert text == TEXT
    assert await manager.list_providers() == ["main"]
    assert (await manager.health_check_all())["main"]["check"]["status"] == "ok"
    assert [message["role"] for message in main.requests[0].body["messages"]] == ["system", "user"]


@pytest.mark.parametrize("mode", GeneratorMode)
async def test_the_text_is_the_same_in_every_mode(main: Any, mode: GeneratorMode) -> None:
    config = GeneratorConfig(mode=mode, buffer_size=64, flush_interval=0.01, chunk_size=7)
    async with streaming_context(mode, config) as generator:
        told = [event async for event in generator.generate(SAID, provider_id="main")]
    assert "".join(event.data["content"] for event in told if event.event_type == "text-delta") == TEXT
    assert told[-1].event_type == "finish"


async def test_a_response_comes_in_the_guides_frames(main: Any) -> None:
    manager = get_streaming_manager()
    session = manager.create_session()
    text = ""
    async for chunk in session.stream_chat(messages=SAID, provider_id="main", stream_format=StreamFormat.SSE):
        assert manager.get_active_sessions_count() == 1
        frame = json.loads(chunk.removeprefix("data: ")) if chunk.startswith("data: {") else {}
        text += frame.get("content", "") if frame.get("type") == "text-delta" else ""
    assert text == TEXT
    assert manager.get_active_sessions_count() == 0
    plain = [c async for c in create_streaming_chat_response(SAID, StreamFormat.TEXT, provider_id="main")]
    assert "".join(plain) == TEXT


class Shouting(StreamingGenerator):
    def process(self, event: RunEvent) -> StreamEvent | None:
        return StreamEvent("text", {"content": event.delta.upper()}) if isinstance(event, TextDelta) else None


async def test_a_mode_of_ones_own(main: Any) -> None:
    StreamingGeneratorFactory.register("shouting", Shouting)
    async with streaming_context("shouting") as generator:
        told = [event.data["content"] async for event in generator.generate(SAID, "main")]
    assert "".join(told) == TEXT.upper()


class Echo(BaseProviderAdapter):
    async def stream_chat(self, messages: Any, tools: Any = None, **options: Any) -> AsyncIterator[RunEvent]:
        yield TextStart(part_id="t")
        yield TextDelta(part_id="t", delta=messages[-1]["content"])
        yield TextEnd(part_id="t")
        yield Finish()


async def test_an_adapter_of_ones_own(main: Any) -> None:
    manager = get_multi_provider_manager()
    manager.register_adapter("echo", Echo)
    adapter = await manager.register_provider("mine", "echo", "parrot")
    told = [event async for event in adapter.stream_chat(SAID)]
    assert [event.delta for event in told if isinstance(event, TextDelta)] == ["介绍一下 Python"]
    assert not await adapter.supports_feature("tools")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"stream_format": "morse"}, "stream_format"),
        ({"config": GeneratorConfig(mode="odd")}, "mode"),
        ({"config": GeneratorConfig(buffer_size=0)}, "buffer_size"),
        ({"n": 2}, "n"),
    ],
)
async def test_what_is_wrong_is_named(main: Any, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _ = [chunk async for chunk in create_streaming_chat_response(SAID, provider_id="main", **wrong)]
    assert refused.value.field == field


def test_every_built_in_kind_has_its_name() -> None:
    assert {"openai", "anthropic", "ollama", "azure", "agno", "demo"} <= set(ProviderType)
