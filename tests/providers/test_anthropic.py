"""What is particular to Anthropic's messages."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from providers import errors
from providers.adapters.anthropic.adapter import AnthropicAdapter
from providers.adapters.anthropic.request import body
from providers.adapters.anthropic.wire import AnthropicWire
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Tool
from providers.events import ReasoningEnd, RunEvent, Usage, UsageReport
from providers.folding import fold_all
from providers.parts import (
    AudioPart,
    FilePart,
    ImagePart,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from providers.sse import SseEvent
from tests.contract.kind import assert_well_formed, collect, inputs_in
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


def block(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


def stopped(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def piece(index: int, partial: str) -> dict[str, Any]:
    fields = {"type": "input_json_delta", "partial_json": partial}
    return {"type": "content_block_delta", "index": index, "delta": fields}


def test_a_server_that_gives_the_input_whole_is_understood() -> None:
    events = played(block(0, type="tool_use", id="t", name="f", input={"a": 1}), stopped(0), STOP)
    assert inputs_in(events) == [{"a": 1}]


def test_a_tool_that_the_vendor_ran_has_its_result() -> None:
    found = [{"type": "web_search_result", "url": "https://a.example", "title": "A\0"}]
    citation = {"type": "web_search_result_location", "url": "https://a.example", "title": "A"}
    events = played(
        block(0, type="server_tool_use", id="srv", name="web_search", input={}),
        piece(0, '{"query": "x"}'),
        stopped(0),
        block(1, type="web_search_tool_result", tool_use_id="srv", content=found),
        stopped(1),
        block(2, type="text", text=""),
        delta(type="text_delta", text="Found."),
        delta(type="citations_delta", citation=citation),
        delta(type="citations_delta", citation={"document_title": "A paper", "cited_text": "so"}),
        stopped(2),
        STOP,
    )
    assert_well_formed(events)
    call, result, text, web, paper = fold_all((), events)
    assert isinstance(call, ToolCallPart)
    assert (call.executor, call.arguments) == ("provider", '{"query": "x"}')
    assert isinstance(result, ToolResultPart)
    assert (result.id, result.output) == (call.id, [{**found[0], "title": "A\ufffd"}])
    assert text == TextPart(id="text-1", text="Found.")
    assert (web, paper) == (
        SourcePart(id="source-1", url="https://a.example", title="A", **span(0, 6)),
        SourcePart(id="source-2", title="A paper", quote="so", **span(0, 6)),
    )


def span(start: int, end: int) -> dict[str, Any]:
    return {"part_id": "text-1", "start": start, "end": end}


def test_a_text_that_cites_is_one_part_and_each_citation_a_span_of_it() -> None:
    page = {"document_index": 1, "cited_text": "9 %.", "start_page_number": 3, "end_page_number": 4}
    pdf = {"media_type": "application/pdf", "data": "AAAA"}
    documents = (FilePart(name="a.pdf", file_id="1", **pdf), FilePart(name="b.pdf", file_id="2", **pdf))
    wire = AnthropicWire(documents=documents)
    for event in (
        block(0, type="text", text="It says "),
        stopped(0),
        block(1, type="text", text=""),
        delta(type="citations_delta", citation=page),
        delta(type="text_delta", text="nine"),
        stopped(1),
        block(2, type="text", text="."),
        stopped(2),
        STOP,
    ):
        wire.read(SseEvent(event["type"].encode(), json.dumps(event).encode()))
    text, cited = fold_all((), wire.finish())
    assert text == TextPart(id="text-1", text="It says nine.")
    told = {"title": "b.pdf", "file_id": "2", "place": "3", "quote": "9 %."}
    assert cited == SourcePart(id="source-1", **told, **span(8, 12))


def test_no_citations_are_asked_for_where_the_api_refuses_them() -> None:
    pdf = FilePart(media_type="application/pdf", data="AAAA", name="a.pdf")
    form = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    [block_] = asked(said("user", pdf), response_format=form)["messages"][0]["content"]
    assert "citations" not in block_


def test_reasoning_that_is_withheld_goes_back_as_it_came() -> None:
    events = played(
        block(0, type="thinking", thinking="", signature=""),
        delta(type="thinking_delta", thinking="Hm."),
        delta(type="signature_delta", signature="c2VhbA=="),
        stopped(0),
        block(1, type="redacted_thinking", data="ZGF0YQ=="),
        stopped(1),
        block(2, type="tool_use", id="t", name="f", input={}),
        stopped(2),
        STOP,
    )
    parts = (*fold_all((), events), ToolResultPart(id="t", output="x"))
    sent = asked(said("user", "Hi"), ChatMessage(role="assistant", parts=parts))["messages"]
    assert sent[1]["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2VhbA=="},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
    ]
    assert sent[2] == {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}],
    }


def test_the_seal_of_another_vendor_is_not_sent() -> None:
    foreign = ReasoningPart(text="Hm.", signature="openai:rs_1:abc")
    sent = asked(said("user", "Hi"), said("assistant", foreign, "Hello."), said("assistant", foreign))
    assert sent["messages"][1]["content"] == [{"type": "text", "text": "Hello."}]
    assert len(sent["messages"]) == 2


def test_ids_and_arguments_of_another_vendor_are_made_fit() -> None:
    call = ToolCallPart(id="functions.look:0", name="look", arguments='{"broken')
    failed = ToolResultPart(id="functions.look:0", code="tool_failed", error="No.")
    sent = asked(said("user", "Hi"), said("assistant", call, failed, "Sorry."))["messages"]
    [used] = sent[1]["content"]
    [result] = sent[2]["content"]
    assert used["input"] == {}
    assert used["id"] == result["tool_use_id"]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", used["id"])
    assert (result["is_error"], result["content"]) == (True, "No.")


def test_media_in_the_vendors_words() -> None:
    sent = asked(
        said(
            "user",
            ImagePart(media_type="image/png", data="AAAA"),
            ImagePart(url="https://a.example/b.png"),
            ImagePart(media_type="image/tiff", data="AAAA", name="a.tiff"),
            FilePart(media_type="application/pdf", data="CCCC", name="a.pdf"),
            FilePart(media_type="application/pdf", url="https://a.example/b.pdf"),
            AudioPart(media_type="audio/mpeg", data="BBBB", name="a.mp3"),
        )
    )
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "CCCC"}
    assert sent["messages"][0]["content"] == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {"type": "text", "text": "[image a.tiff]"},
        {"type": "document", "source": pdf, "title": "a.pdf", "citations": {"enabled": True}},
        {
            "type": "document",
            "source": {"type": "url", "url": "https://a.example/b.pdf"},
            "citations": {"enabled": True},
        },
        {"type": "text", "text": "[audio a.mp3]"},
    ]


@pytest.mark.parametrize(
    ("choice", "parallel", "told"),
    [
        ("", None, None),
        ("", False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("required", None, {"type": "any"}),
        ("none", False, {"type": "none"}),
        ("look", False, {"type": "tool", "name": "look", "disable_parallel_tool_use": True}),
    ],
)
def test_tools_and_their_choice(choice: str, parallel: bool | None, told: Any) -> None:
    look = Tool(name="look", description="Looks.", parameters={"type": "object"})
    options = {} if parallel is None else {"parallel_tool_calls": parallel}
    request = ChatRequest(model="m", messages=(said("user", "Hi"),), tools=(look,), options=options)
    sent = body(replace(request, tool_choice=choice), version="", extra={})
    assert sent["tools"] == [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}]
    assert sent.get("tool_choice") == told


def test_effort_and_format_have_their_place() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    sent = asked(said("user", "Hi"), reasoning_effort="low", response_format=schema, max_completion_tokens=5)
    form = {"type": "json_schema", "schema": {"type": "object"}}
    assert sent["output_config"] == {"effort": "low", "format": form}
    assert sent["max_tokens"] == 5
