"""What is particular to Anthropic's messages."""

import json
from dataclasses import replace
from typing import Any

import pytest

from providers import errors
from providers.adapters.anthropic.adapter import AnthropicAdapter
from providers.adapters.anthropic.request import body
from providers.adapters.anthropic.wire import AnthropicWire
from providers.contract import ChatMessage, ChatRequest, ProviderConfig
from providers.events import Finish, ReasoningEnd, RunEvent, Usage, UsageReport
from providers.parts import ReasoningPart, TextPart
from providers.sse import SseEvent
from tests.contract.kind import collect, text_in
from tests.contract.kinds import ANTHROPIC
from tests.fakes.provider import FakeProvider

STOP = {"type": "message_stop"}


def played(*told: dict[str, Any]) -> list[RunEvent]:
    wire = AnthropicWire()
    for event in told:
        wire.read(SseEvent(event["type"].encode(), json.dumps(event).encode()))
    return wire.finish()


def delta(**fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": fields}


def said(role: Any, *parts: Any) -> ChatMessage:
    return ChatMessage(role=role, parts=tuple(TextPart(text=p) if isinstance(p, str) else p for p in parts))


def asked(*messages: ChatMessage, version: str = "", **options: Any) -> dict[str, Any]:
    request = ChatRequest(model="m", messages=messages, system="Be kind.", options=options)
    return body(request, version=version, extra={})


def test_usage_is_cumulative_and_told_inclusively() -> None:
    first = {
        "input_tokens": 10,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 2,
        "output_tokens": 1,
    }
    events = played(
        {"type": "message_start", "message": {"usage": first}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}},
        STOP,
    )
    usage = Usage(input_tokens=16, output_tokens=9, cache_read_tokens=4, cache_write_tokens=2)
    assert UsageReport(usage=usage) in events


def test_a_tool_call_does_not_disturb() -> None:
    events = played(
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "tool_use", "id": "t", "input": {}},
        },
        delta(type="input_json_delta", partial_json='{"a'),
        {"type": "content_block_stop", "index": 0},
        {"type": "invented_later", "anything": 1},
        delta(type="text_delta", text="Hi"),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        STOP,
    )
    assert text_in(events) == "Hi"
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == "tool_calls"


def test_withheld_reasoning_keeps_its_seal() -> None:
    events = played(delta(type="signature_delta", signature="sealed"), {"type": "content_block_stop"}, STOP)
    assert ReasoningEnd(part_id="reasoning-1", signature="sealed") in events


def test_the_end_is_message_stop_alone() -> None:
    with pytest.raises(errors.StreamBroken):
        played(
            delta(type="text_delta", text="Hi"),
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        )


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("overloaded_error", errors.ProviderFailed),
        ("rate_limit_error", errors.ProviderRateLimited),
        ("authentication_error", errors.ProviderKeyRejected),
        ("not_found_error", errors.ModelNotFound),
        ("api_error", errors.ProviderFailed),
    ],
)
def test_an_error_in_the_stream(word: str, error: type[errors.ProviderError]) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        played({"type": "error", "error": {"type": word, "message": "raw"}})
    assert type(caught.value) is error
    assert "raw" in caught.value.detail


def test_the_request_in_the_vendors_words() -> None:
    sealed = ReasoningPart(text="Hm.", signature="sealed")
    sent = asked(
        said("system", "Be brief."),
        said("user", "Hi"),
        said("user", "there"),
        said("assistant", sealed, ReasoningPart(text="no seal"), "Hello."),
        said("assistant", "  "),
        stop="END",
    )
    assert sent["system"] == "Be kind.\n\nBe brief."
    assert sent["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "sealed"},
                {"type": "text", "text": "Hello."},
            ],
        },
    ]
    assert (sent["max_tokens"], sent["stop_sequences"]) == (8192, ["END"])


@pytest.mark.parametrize(("version", "told"), [("", None), ("2023-06-01", 0.5)])
def test_sampling_is_sent_only_to_the_version_that_takes_it(version: str, told: Any) -> None:
    sent = asked(said("user", "Hi"), version=version, temperature=0.5)
    assert sent.get("temperature") == told


async def test_the_version_is_the_sdks_until_it_is_set(fake: FakeProvider) -> None:
    config = ProviderConfig(provider_id="p", kind="anthropic", base_url=fake.root_url)
    older = replace(config, api_version="2023-06-01")
    await collect(AnthropicAdapter(config), ANTHROPIC.request(temperature=0.5))
    await collect(AnthropicAdapter(older), ANTHROPIC.request(temperature=0.5))
    first, second = fake.requests
    assert first.headers["anthropic-version"] > "2026"
    assert "temperature" not in first.body
    assert (second.headers["anthropic-version"], second.body["temperature"]) == ("2023-06-01", 0.5)
