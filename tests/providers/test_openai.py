"""What is particular to chat completions and to the servers that imitate them."""

import json
from typing import Any

import pytest

from providers import errors
from providers.adapters.completions.request import body
from providers.adapters.completions.wire import CompletionsWire
from providers.contract import ChatMessage, ChatRequest
from providers.events import Finish, RunEvent, UsageReport
from providers.parts import ReasoningPart, TextPart
from providers.presets import VENDOR, Quirks
from providers.sse import SseEvent
from tests.contract.kind import KEY, collect, reasoning_in, text_in
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
    assert asked(user("Hi"), own=own, max_tokens=9)[name] == 9


async def test_the_key_is_sent_and_usage_asked_for(fake: FakeProvider) -> None:
    await collect(OPENAI.adapter(fake), OPENAI.request(max_tokens=5))
    [request] = fake.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["stream_options"] == {"include_usage": True}
    assert request.body["max_tokens"] == 5
