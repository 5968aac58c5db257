"""What is particular to Ollama's own API."""

import json
from dataclasses import replace
from typing import Any

import pytest

from providers import errors
from providers.adapters.lines import LineDecoder
from providers.adapters.ollama.adapter import OllamaAdapter
from providers.adapters.ollama.request import body
from providers.adapters.ollama.wire import OllamaWire
from providers.contract import ChatMessage, ChatRequest, ModelInfo, ProviderConfig, Tool
from providers.events import Finish, RunEvent
from providers.parts import ImagePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from providers.sse import SseEvent
from tests.contract.kind import calls_in, collect, inputs_in
from tests.contract.kinds import OLLAMA
from tests.fakes.provider import FakeProvider

DONE = {"done": True, "done_reason": "stop"}


def played(*lines: dict[str, Any]) -> list[RunEvent]:
    wire = OllamaWire()
    for line in lines:
        wire.read(SseEvent(b"", json.dumps(line).encode()))
    return wire.finish()


def asked(*messages: ChatMessage, extra: Any = None, **options: Any) -> dict[str, Any]:
    return body(ChatRequest(model="m", messages=messages, options=options), extra=extra or {})


def test_calls_in_several_lines_are_several_calls() -> None:
    lines = [
        {"message": {"tool_calls": [{"function": {"name": "f", "arguments": {"n": n}}}]}} for n in (1, 2)
    ]
    events = played(*lines, DONE)
    assert inputs_in(events) == [{"n": 1}, {"n": 2}]
    assert len({call.id for call in calls_in(events)}) == 2
    assert events[-1] == Finish(reason="tool_calls", raw_reason="stop")


def test_an_error_in_the_stream_is_told() -> None:
    with pytest.raises(errors.ProviderFailed) as caught:
        played({"message": {"content": "x"}}, {"error": "raw words"})
    assert "raw words" in caught.value.detail


def test_the_request_in_the_servers_words() -> None:
    step = (
        ReasoningPart(text="Hm."),
        ToolCallPart(id="1", name="look", arguments='{"x": 1}'),
        ToolResultPart(id="1", output={"y": 2}),
    )
    picture = ImagePart(media_type="image/png", data="AAAA")
    sent = asked(
        ChatMessage(
            role="user", parts=(TextPart(text="Look: "), picture, ImagePart(url="https://a.example"))
        ),
        ChatMessage(role="assistant", parts=step),
        extra={"keep_alive": "10m", "options": {"num_ctx": 4096}},
        max_tokens=5,
        stop="END",
        reasoning_effort="high",
        response_format={"type": "json_schema", "json_schema": {"schema": {"type": "object"}}},
    )
    assert sent["messages"] == [
        {"role": "user", "content": "Look: [image https://a.example]", "images": ["AAAA"]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "Hm.",
            "tool_calls": [{"id": "1", "function": {"name": "look", "arguments": {"x": 1}}}],
        },
        {"role": "tool", "tool_call_id": "1", "content": '{"y": 2}'},
    ]
    assert sent["options"] == {"num_ctx": 4096, "num_predict": 5, "stop": ["END"]}
    assert (sent["keep_alive"], sent["think"], sent["format"]) == ("10m", "high", {"type": "object"})


@pytest.mark.parametrize(("effort", "think"), [("none", False), ("minimal", True), ("low", "low")])
def test_thinking_is_asked_for_in_its_words(effort: str, think: Any) -> None:
    assert asked(reasoning_effort=effort)["think"] == think
    assert "think" not in asked()


def test_no_tools_are_sent_where_none_may_be_called() -> None:
    request = ChatRequest(model="m", messages=(), tools=(Tool(name="f"),))
    assert "tools" in body(request, extra={})
    assert "tools" not in body(replace(request, tool_choice="none"), extra={})


async def test_models_tell_their_context_and_what_they_can(fake: FakeProvider) -> None:
    adapter = OllamaAdapter(ProviderConfig(provider_id="p", kind="ollama", base_url=fake.base_url))
    can = frozenset({"streaming", "json_schema", "tools", "images"})
    assert await adapter.models() == [ModelInfo(id="llama-fake", context_length=8192, capabilities=can)]
    await collect(adapter, OLLAMA.request())
    assert [request.path for request in fake.requests] == ["/api/tags", "/api/show", "/api/chat"]
    assert "authorization" not in fake.requests[0].headers


def test_lines_are_cut_anywhere_and_bounded() -> None:
    whole = b'{"a": 1}\r\n\n{"b": 2}\n{"c"'
    for size in (1, 3, len(whole)):
        decoder = LineDecoder()
        pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
        lines = [event.data for piece in pieces for event in decoder.feed(piece)]
        assert lines == [b'{"a": 1}', b'{"b": 2}']
    with pytest.raises(errors.StreamBroken):
        LineDecoder(max_line=10).feed(b"x" * 11)
