"""What is particular to chat completions and to the servers that imitate them."""

import json
from typing import Any

import pytest

from providers import errors
from providers.adapters.completions.request import body
from providers.adapters.completions.wire import CompletionsWire
from providers.adapters.openai.adapter import OpenAIAdapter, is_vendor
from providers.adapters.turns import NOT_RUN
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Tool
from providers.events import AudioDelta, Finish, RunEvent, UsageReport
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
    VideoPart,
)
from providers.presets import PRESETS, VENDOR, Quirks
from providers.sse import SseEvent
from tests.contract.kind import KEY, assert_well_formed, calls_in, collect, reasoning_in, text_in
from tests.contract.kinds import OPENAI
from tests.fakes.provider import FakeProvider


def played(*chunks: Any) -> list[RunEvent]:
    """The events of a stream of chunks; a string is taken as it is."""
    wire = CompletionsWire()
    for chunk in chunks:
        wire.read(SseEvent(b"", (chunk if isinstance(chunk, str) else json.dumps(chunk)).encode()))
    return wire.finish()


def content(text: str | None, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}]}


def asked(*messages: ChatMessage, own: bool = False, **options: Any) -> dict[str, Any]:
    request = ChatRequest(model="m", messages=messages, system="Be kind.", options=options)
    return body(request, quirks=VENDOR if own else Quirks(), extra={})


def user(text: str, **more: Any) -> ChatMessage:
    return ChatMessage(role="user", parts=(TextPart(text=text),), **more)


def test_the_end_is_a_finish_reason_or_done() -> None:
    assert text_in(played(content("Hi", finish="stop"))) == "Hi"
    assert text_in(played(content("Hi"), "[DONE]")) == "Hi"
    with pytest.raises(errors.StreamBroken):
        played(content("Hi"))


@pytest.mark.parametrize("choices", [[], None, [{"index": 0, "delta": {}}], [{"index": 0}]])
def test_the_usage_chunk_may_have_choices(choices: Any) -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 2}}
    usage["completion_tokens_details"] = {"reasoning_tokens": 3}
    report = played(content("x", "stop"), {"choices": choices, "usage": usage}, "[DONE]")[-2]
    assert isinstance(report, UsageReport)
    counted = report.usage
    assert (counted.input_tokens, counted.output_tokens, counted.total_tokens) == (5, 7, 12)
    assert (counted.cache_read_tokens, counted.reasoning_tokens) == (2, 3)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_has_two_spellings(name: str) -> None:
    events = played(content(None, **{name: "Hm."}), content("Yes", "stop"))
    assert (reasoning_in(events), text_in(events)) == ("Hm.", "Yes")


def test_a_refusal_is_shown_as_text() -> None:
    assert text_in(played(content(None, "stop", refusal="I will not."))) == "I will not."


def test_a_pair_cut_between_two_deltas_is_joined() -> None:
    events = played('{"choices":[{"delta":{"content":"a\\ud83d"}}]}', content("\ude00b", "stop"))
    assert text_in(events) == "a😀b"


@pytest.mark.parametrize("delta", [{"content": ["odd"]}, {"new": 1}])
def test_what_is_not_known_is_passed_over(delta: dict[str, Any]) -> None:
    chunk = {"choices": [{"index": 0, "delta": delta}], "new_field": {"x": [1]}}
    assert text_in(played(chunk, content("Hi", "stop"))) == "Hi"


def test_only_the_first_choice_is_read() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}]}
    events = played(other, content("yes", "stop"))
    assert text_in(events) == "yes"
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == "stop"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"error": {"message": "raw", "code": 429}}, errors.ProviderRateLimited),
        ({"error": {"message": "raw", "code": 401}}, errors.ProviderKeyRejected),
        ({"error": {"message": "raw", "type": "invalid_request_error"}}, errors.ProviderRefused),
        ({"error": {"message": "raw", "code": "rate_limit_exceeded"}}, errors.ProviderRateLimited),
        ({"error": "raw"}, errors.ProviderFailed),
        ({"detail": "raw"}, errors.ProviderFailed),
    ],
)
def test_an_error_in_the_stream(said: Any, error: type[errors.ProviderError]) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        played(content("Hi"), said)
    assert type(caught.value) is error
    assert "raw" in caught.value.detail
    assert "raw" not in caught.value.message


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"code": "context_length_exceeded", "type": "invalid_request_error"}, errors.ContextTooLong),
        ({"code": "model_not_found", "type": "invalid_request_error"}, errors.ModelNotFound),
        ({"code": None, "type": "invalid_request_error"}, errors.ProviderRefused),
        ("words", errors.ProviderRefused),
    ],
)
async def test_the_body_of_a_400_says_what_it_is(
    fake: FakeProvider, said: Any, error: type[errors.ProviderError]
) -> None:
    fake.play(status=400, body={"error": said})
    with pytest.raises(errors.ProviderError) as caught:
        await collect(OPENAI.adapter(fake), OPENAI.request())
    assert type(caught.value) is error


def test_the_request_in_the_vendors_words() -> None:
    thought = ReasoningPart(text="Hm.", signature="sealed")
    answer = ChatMessage(role="assistant", parts=(thought, TextPart(text="Hello.")))
    empty = ChatMessage(role="assistant", parts=(TextPart(text=""),))
    sent = asked(
        user("Hi", name="alice"), answer, empty, user("And?", name="not a name"), temperature=0.5, tokens=3
    )
    assert sent["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi", "name": "alice"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "And?"},
    ]
    assert (sent["temperature"], sent["stream_options"]) == (0.5, {"include_usage": True})
    assert "tokens" not in sent


@pytest.mark.parametrize(("own", "name"), [(True, "max_completion_tokens"), (False, "max_tokens")])
def test_the_limit_has_the_name_that_the_server_knows(own: bool, name: str) -> None:
    for called in ("max_tokens", "max_completion_tokens"):
        sent = asked(user("Hi"), own=own, **{called: 9})
        assert {key: value for key, value in sent.items() if key.startswith("max_")} == {name: 9}


async def test_the_key_is_sent_and_usage_asked_for(fake: FakeProvider) -> None:
    await collect(OPENAI.adapter(fake), OPENAI.request(max_tokens=5))
    [request] = fake.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["stream_options"] == {"include_usage": True}
    assert request.body["max_tokens"] == 5


def tool(**fields: Any) -> dict[str, Any]:
    """A chunk with one piece of a tool call."""
    name, arguments = fields.pop("name", None), fields.pop("arguments", None)
    return {
        "choices": [
            {"delta": {"tool_calls": [{**fields, "function": {"name": name, "arguments": arguments}}]}}
        ]
    }


CALLED = content(None, "tool_calls")
A, B = '{"a": 1}', '{"b": 2}'


@pytest.mark.parametrize(
    "chunks",
    [
        [
            tool(index=0, id="x", name="f"),
            tool(index=1, id="y", name="f"),
            tool(index=0, arguments=A),
            tool(index=1, arguments=B),
        ],
        [tool(index=0, id="x", name="f", arguments=A), tool(index=0, id="y", name="f", arguments=B)],
        [tool(id="x", name="f", arguments=A), tool(id="y", name="f", arguments=B)],
        [tool(name="f", arguments=A), tool(name="f", arguments=B)],
        [tool(index=0, name="f", arguments=A), tool(index=0, name="f", arguments=B)],
        [
            tool(index=0, id="x", name="f", arguments='{"a"'),
            tool(index=0, id="x", name="f", arguments=": 1}"),
            tool(index=1, id="y", name="f", arguments=B),
        ],
        [
            tool(index=0, id="x", arguments='{"a"'),
            tool(index=0, name="f", arguments=": 1}"),
            tool(index=3, id="y", name="f", arguments=B),
        ],
        [tool(index=1, id="x", name="f", arguments=A), tool(index=0, id="y", name="f", arguments=B)],
        [
            tool(index=0, id="x", name="f", arguments={"a": 1}),
            tool(index=1, id="y", name="f", arguments={"b": 2}),
        ],
        [tool(id="x", name="f"), tool(arguments=A), tool(id="y", name="f"), tool(id="y", arguments=B)],
    ],
    ids=[
        "alternately",
        "one-index",
        "no-index",
        "nothing",
        "no-id",
        "repeated",
        "late-name",
        "backwards",
        "objects",
        "ids-only",
    ],
)
def test_calls_are_told_apart_however_they_come(chunks: list[Any]) -> None:
    events = played(*chunks, CALLED)
    assert_well_formed(events)
    assert [json.loads(call.arguments) for call in calls_in(events)] == [{"a": 1}, {"b": 2}]
    assert {call.name for call in calls_in(events)} == {"f"}


@pytest.mark.parametrize("raw", ["stop", "tool_calls", "function_call"])
def test_called_tools_are_the_reason(raw: str) -> None:
    finish = played(tool(index=0, id="x", name="f", arguments=A), content(None, raw))[-1]
    assert finish == Finish(reason="tool_calls", raw_reason=raw)


def test_a_call_that_was_cut_off_says_so() -> None:
    events = played(tool(index=0, id="x", name="f", arguments='{"a'), content(None, "length"))
    [call] = calls_in(events)
    assert (call.open, bool(call.error), events[-1]) == (
        False,
        True,
        Finish(reason="length", raw_reason="length"),
    )


def test_sources_and_pictures_are_told() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/webp;base64,AAAA"}}
    events = played(content("See.", annotations=[note, note, 7], images=[picture, {}]), content("", "stop"))
    assert [part for part in fold_all((), events) if not isinstance(part, TextPart)] == [
        SourcePart(id="source-1", url="https://a.example", title="A"),
        ImagePart(media_type="image/webp", data="AAAA"),
    ]


def test_what_is_spoken_is_text_and_a_file() -> None:
    events = played(
        content(None, audio={"id": "audio_1", "transcript": "Hel"}),
        content(None, audio={"transcript": "lo", "data": "AQAB"}),
        content(None, audio={"data": "AAEA"}),
        content(None, "stop", audio={"expires_at": 1}),
    )
    text, sound = fold_all((), events)
    assert (text, type(sound)) == (TextPart(id="text-1", text="Hello"), AudioPart)
    assert [event.delta for event in events if isinstance(event, AudioDelta)] == ["AQAB", "AAEA"]
    asked_for = asked(user("Speak"), modalities=["text", "audio"], audio={"voice": "alloy", "format": "mp3"})
    assert asked_for["audio"] == {"voice": "alloy", "format": "pcm16"}


LOOK = Tool(name="look", description="Looks.", parameters={"type": "object"}, strict=True)


def test_tools_are_offered() -> None:
    request = ChatRequest(
        model="m",
        messages=(user("Hi"),),
        tools=(LOOK,),
        tool_choice="look",
        options={"parallel_tool_calls": False},
    )
    sent = body(request, quirks=VENDOR, extra={})
    function = {"name": "look", "description": "Looks.", "parameters": {"type": "object"}, "strict": True}
    assert sent["tools"] == [{"type": "function", "function": function}]
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "look"}}
    assert sent["parallel_tool_calls"] is False
    assert "tools" not in asked(user("Hi"), parallel_tool_calls=True)


def test_steps_become_messages_in_their_order() -> None:
    """Several steps in one message; a call without its result, a result without its call."""
    parts = (
        ReasoningPart(text="Hm."),
        TextPart(text="First."),
        ToolCallPart(id="1", name="look", arguments='{"x": 1}'),
        ToolCallPart(id="2", name="look", arguments='{"x"'),
        ToolResultPart(id="1", output={"y": 2}),
        TextPart(text="Then."),
        ToolCallPart(id="3", name="search", executor="provider"),
        ToolResultPart(id="3", output="known there"),
        ToolCallPart(id="4", name="look"),
        ToolResultPart(id="9", output="whose?"),
        ToolResultPart(id="4", code="tool_failed", error="Broken."),
        TextPart(text="Done."),
    )
    sent = asked(user("Hi"), ChatMessage(role="assistant", parts=parts))["messages"][2:]

    def call(call_id: str, arguments: str) -> dict[str, Any]:
        return {"id": call_id, "type": "function", "function": {"name": "look", "arguments": arguments}}

    assert sent == [
        {"role": "assistant", "content": "First.", "tool_calls": [call("1", '{"x": 1}'), call("2", "{}")]},
        {"role": "tool", "tool_call_id": "1", "content": '{"y": 2}'},
        {"role": "tool", "tool_call_id": "2", "content": NOT_RUN},
        {"role": "assistant", "content": "Then."},
        {"role": "assistant", "content": None, "tool_calls": [call("4", "{}")]},
        {"role": "tool", "tool_call_id": "4", "content": "Broken."},
        {"role": "assistant", "content": "Done."},
    ]


def test_results_may_come_as_messages_of_their_own() -> None:
    said = ChatMessage(role="assistant", parts=(ToolCallPart(id="1", name="look"),))
    result = ChatMessage(role="tool", parts=(ToolResultPart(id="1", output="seen"),))
    sent = asked(user("Hi"), said, result)["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]


def test_reasoning_goes_back_where_a_server_wants_it() -> None:
    parts = (ReasoningPart(text="Hm."), ToolCallPart(id="1", name="look"), ToolResultPart(id="1", output="x"))
    request = ChatRequest(model="m", messages=(user("Hi"), ChatMessage(role="assistant", parts=parts)))
    sent = body(request, quirks=PRESETS["deepseek"].quirks, extra={})["messages"]
    assert sent[1]["reasoning_content"] == "Hm."
    assert "reasoning_content" not in body(request, quirks=VENDOR, extra={})["messages"][1]


def test_media_in_the_vendors_words() -> None:
    parts = (
        TextPart(text="Look:"),
        ImagePart(media_type="image/png", data="AAAA", detail="low"),
        ImagePart(url="https://a.example/b.png"),
        AudioPart(media_type="audio/mpeg", data="BBBB"),
        FilePart(media_type="application/pdf", data="CCCC", name="a.pdf"),
        FilePart(media_type="text/plain", data="aGVsbG8=", name="a.txt"),
        FilePart(media_type="application/zip", data="DDDD", name="a.zip"),
        VideoPart(media_type="video/mp4", url="https://a.example/c.mp4"),
    )
    [message] = asked(ChatMessage(role="user", parts=parts), own=True)["messages"][1:]
    assert message["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,CCCC"}},
        {"type": "text", "text": "a.txt:\nhello"},
        {"type": "text", "text": "[file a.zip]"},
        {"type": "text", "text": "[video video/mp4 https://a.example/c.mp4]"},
    ]
    [other] = asked(ChatMessage(role="user", parts=parts))["messages"][1:]
    assert other["content"][-1] == {"type": "video_url", "video_url": {"url": "https://a.example/c.mp4"}}


def test_others_take_more_options_than_the_vendor() -> None:
    assert asked(user("Hi"), top_k=5)["top_k"] == 5
    assert "top_k" not in asked(user("Hi"), own=True, top_k=5)
    assert asked(user("Hi"), own=True, logprobs=True, top_logprobs=2)["top_logprobs"] == 2


async def test_organization_and_project_are_headers(fake: FakeProvider) -> None:
    config = ProviderConfig(
        provider_id="p", kind="openai", base_url=fake.base_url, organization="org-1", project="proj-2"
    )
    await collect(OpenAIAdapter(config), OPENAI.request())
    headers = fake.requests[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-2")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("", True),
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://openai.com.evil.example/v1", False),
        ("http://127.0.0.1:1/v1", False),
    ],
)
def test_the_vendor_is_known_by_its_host(url: str, own: bool) -> None:
    assert is_vendor(url) is own
