"""What is particular to the responses API."""

import json
from dataclasses import replace
from typing import Any

import pytest

from providers import errors
from providers.adapters.openai.adapter import OpenAIAdapter
from providers.adapters.responses.request import body
from providers.adapters.responses.wire import ResponsesWire
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Tool
from providers.events import Finish, RunEvent, Usage, UsageReport
from providers.folding import fold_all
from providers.parts import (
    FilePart,
    ImagePart,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from providers.sse import SseEvent
from tests.contract.kind import assert_well_formed, collect, inputs_in, reasoning_in, text_in
from tests.contract.kinds import RESPONSES
from tests.fakes.provider import FakeProvider

COMPLETED = {"type": "response.completed", "response": {"usage": None}}


def played(*told: dict[str, Any]) -> list[RunEvent]:
    wire = ResponsesWire()
    for event in told:
        wire.read(SseEvent(b"", json.dumps({"sequence_number": 1, **event}).encode()))
    return wire.finish()


def item(stage: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.output_item.{stage}", "item": fields}


def delta(kind: str, text: str, **place: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "delta": text, **place}


def said(role: Any, *parts: Any) -> ChatMessage:
    return ChatMessage(role=role, parts=tuple(TextPart(text=p) if isinstance(p, str) else p for p in parts))


def asked(*messages: ChatMessage, tools: tuple[Tool, ...] = (), **options: Any) -> dict[str, Any]:
    request = ChatRequest(model="m", messages=messages, system="Be kind.", tools=tools, options=options)
    return body(request, extra={})


def test_reasoning_is_sealed_and_goes_back() -> None:
    events = played(
        item("added", type="reasoning", id="rs_1"),
        delta("reasoning_summary_text", "First.", summary_index=0),
        delta("reasoning_summary_text", "Second.", summary_index=1),
        item("done", type="reasoning", id="rs_1", encrypted_content="c2VhbA=="),
        item("added", type="function_call", id="fc_1", call_id="call_1", name="look"),
        item("done", type="function_call", id="fc_1", call_id="call_1", name="look", arguments='{"x": 1}'),
        COMPLETED,
    )
    assert_well_formed(events)
    assert reasoning_in(events) == "First.\n\nSecond."
    parts = (*fold_all((), events), ToolResultPart(id="call_1", output="seen"))
    assert asked(said("user", "Hi"), ChatMessage(role="assistant", parts=parts))["input"][1:] == [
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "First.\n\nSecond."}],
            "encrypted_content": "c2VhbA==",
        },
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"x": 1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "seen"},
    ]


def test_another_vendors_seal_is_not_sent() -> None:
    thought = ReasoningPart(text="Hm.", signature="sealed-elsewhere")
    assert asked(said("user", "Hi"), said("assistant", thought, "Hello."))["input"][1:] == [
        {"role": "assistant", "content": "Hello."}
    ]


def test_a_call_that_is_told_only_when_done() -> None:
    events = played(
        item("done", type="function_call", id="fc", call_id="c", name="f", arguments='{"a": 1}'), COMPLETED
    )
    assert inputs_in(events) == [{"a": 1}]
    assert events[-1] == Finish(reason="tool_calls", raw_reason="completed")


def test_what_the_vendor_ran_sources_and_pictures() -> None:
    note = {
        "type": "url_citation",
        "url": "https://a.example",
        "title": "A",
        "start_index": 0,
        "end_index": 4,
    }
    events = played(
        item("added", type="mcp_call", id="mcp_1", name="search"),
        delta("mcp_call_arguments", '{"q": 1}', item_id="mcp_1"),
        item("done", type="mcp_call", id="mcp_1", name="search", output="found"),
        delta("output_text", "See."),
        {"type": "response.output_text.annotation.added", "annotation": note},
        item("done", type="message"),
        item("done", type="image_generation_call", id="ig", result="AAAA", output_format="webp"),
        COMPLETED,
    )
    assert_well_formed(events)
    call, result, text, source, picture = fold_all((), events)
    assert isinstance(call, ToolCallPart)
    assert call.executor == "provider"
    assert result == ToolResultPart(id=call.id, output="found")
    assert text == TextPart(id="text-1", text="See.")
    place = {"part_id": "text-1", "start": 0, "end": 4}
    assert source == SourcePart(id="source-1", url="https://a.example", title="A", **place)
    assert picture == ImagePart(media_type="image/webp", data="AAAA")
    assert events[-1] == Finish(reason="stop", raw_reason="completed")


def test_what_follows_the_end_is_passed_over() -> None:
    """LiteLLM ends these streams with chat completions' own end, often in the same packet."""
    wire = ResponsesWire()
    for data in (json.dumps(delta("output_text", "Hello")), json.dumps(COMPLETED), "[DONE]"):
        wire.read(SseEvent(b"", data.encode()))
    assert text_in(wire.finish()) == "Hello"


def test_usage_is_read_from_the_end() -> None:
    usage = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
    }
    events = played(delta("output_text", "x"), {**COMPLETED, "response": {"usage": usage}})
    counted = Usage(input_tokens=9, output_tokens=5, reasoning_tokens=2, cache_read_tokens=4)
    assert UsageReport(usage=counted) in events


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"type": "response.failed", "response": {"error": {"code": "server_error"}}}, errors.ProviderFailed),
        ({"type": "response.failed", "response": {}}, errors.ProviderFailed),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "raw"}, errors.ProviderRateLimited),
        ({"type": "error", "error": {"code": "invalid_api_key"}}, errors.ProviderKeyRejected),
    ],
)
def test_an_error_in_the_stream(told: dict[str, Any], error: type[errors.ProviderError]) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        played(delta("output_text", "x"), told)
    assert type(caught.value) is error


def test_the_request_in_the_vendors_words() -> None:
    look = Tool(name="look", parameters={"type": "object"})
    schema = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    picture = ImagePart(media_type="image/png", data="AAAA")
    pdf = FilePart(media_type="application/pdf", data="CCCC", name="a.pdf")
    sent = asked(
        said("user", "Look:", picture, pdf),
        tools=(look,),
        max_tokens=9,
        reasoning_effort="low",
        response_format=schema,
        temperature=0.5,
        stop="no such option",
    )
    assert sent["input"][0]["content"] == [
        {"type": "input_text", "text": "Look:"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,CCCC"},
    ]
    assert sent["tools"] == [
        {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}
    ]
    assert sent["text"] == {"format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}}}
    assert (sent["instructions"], sent["max_output_tokens"], sent["store"]) == ("Be kind.", 9, False)
    assert sent["reasoning"] == {"effort": "low", "summary": "auto"}
    assert "stop" not in sent


async def test_the_kind_openai_can_be_told_to_use_it(fake: FakeProvider) -> None:
    config = ProviderConfig(provider_id="p", kind="openai", base_url=fake.base_url)
    await collect(OpenAIAdapter(config), RESPONSES.request())
    events = await collect(OpenAIAdapter(replace(config, extra={"api": "responses"})), RESPONSES.request())
    assert [request.path for request in fake.requests] == ["/v1/chat/completions", "/v1/responses"]
    assert text_in(events) == "Hello there."
