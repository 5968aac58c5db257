"""The official OpenAI SDK, unmodified, against `/v1/chat/completions` and `/v1/models`."""

import base64
import json
from typing import Any

import openai
import pytest

from tests.browser.texts import long_answer
from tests.clients import eventually
from tests.gateway.leaving import Leaving, asked, closed

MODELS = {"openai": "openai/gpt-fake", "anthropic": "anthropic/claude-fake"}
ASK: list[Any] = [{"role": "user", "content": "Tell me"}]
PIECES = long_answer(300)


@pytest.mark.parametrize("vendor_name", MODELS)
async def test_a_streamed_answer_with_usage(openai_sdk: Any, vendor: Any, vendor_name: str) -> None:
    vendor.play(pieces=PIECES, cut=7, reasoning="Let me think. 想一想。")
    stream = await openai_sdk.chat.completions.create(
        model=MODELS[vendor_name], messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(choice.delta.content or "" for choice in choices) == "".join(PIECES)
    thoughts = (getattr(choice.delta, "reasoning_content", None) or "" for choice in choices)
    assert "".join(thoughts) == "Let me think. 想一想。"
    assert choices[-1].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage.total_tokens) == ([], 10)


async def test_without_the_option_no_chunk_lacks_a_choice(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="Hello.")
    stream = await openai_sdk.chat.completions.create(model=MODELS["openai"], messages=ASK, stream=True)
    assert [len(chunk.choices) for chunk in [chunk async for chunk in stream]].count(0) == 0


@pytest.mark.parametrize("vendor_name", MODELS)
async def test_an_answer_in_one_piece(openai_sdk: Any, vendor: Any, vendor_name: str) -> None:
    vendor.play(text="Hello there. 你好")
    answer = await openai_sdk.chat.completions.create(
        model=MODELS[vendor_name], messages=ASK, temperature=0.5, stop=["x"], seed=7
    )
    assert answer.choices[0].message.content == "Hello there. 你好"
    assert answer.usage.total_tokens == 10
    assert answer.model == MODELS[vendor_name]


async def test_parameters_and_the_system_prompt_go_upstream(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="{}")
    await openai_sdk.chat.completions.create(
        model=MODELS["openai"],
        messages=[{"role": "developer", "content": "Be brief."}, *ASK],
        temperature=0.5,
        response_format={"type": "json_object"},
        extra_body={"api_base": "http://evil.example", "headers": {"x": "y"}, "extra_body": {"z": 1}},
    )
    sent = vendor.requests[-1]
    assert (sent.body["temperature"], sent.body["response_format"]) == (0.5, {"type": "json_object"})
    assert [message["content"] for message in sent.body["messages"]] == ["Be brief.", "Tell me"]
    assert not {"api_base", "headers", "extra_body", "z"} & set(sent.body)
    assert "x" not in sent.headers


@pytest.mark.parametrize("stream", [True, False])
async def test_a_wrong_key_is_an_authentication_error(server: Any, stream: bool) -> None:
    client = openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="sk-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as caught:
        await client.chat.completions.create(model="demo/fast", messages=ASK, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (401, "invalid_api_key")
    assert caught.value.request_id.startswith("req_")


async def test_an_unknown_model_is_not_found(openai_sdk: Any) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await openai_sdk.chat.completions.create(model="nobody/knows", messages=ASK, stream=True)
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"messages": []}, "messages"),
        ({"temperature": "hot"}, "temperature"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "smell"}]}]}, "messages[0].content[0].type"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"tools": [{"type": "custom"}]}, "tools[0].type"),
    ],
)
async def test_a_bad_request_names_its_field(openai_sdk: Any, fields: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await openai_sdk.chat.completions.create(**{"model": "demo/fast", "messages": ASK, **fields})
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


@pytest.mark.parametrize("stream", [True, False])
async def test_what_the_upstream_refuses_has_its_status(openai_sdk: Any, vendor: Any, stream: bool) -> None:
    vendor.play(status=429, headers={"retry-after": "3"})
    with pytest.raises(openai.RateLimitError) as caught:
        await openai_sdk.chat.completions.create(model=MODELS["openai"], messages=ASK, stream=stream)
    assert caught.value.response.headers["retry-after"] == "3"
    assert "raw upstream words" not in str(caught.value)


async def test_a_failure_in_mid_stream_is_told_in_the_stream(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(pieces=["one ", "two ", "three "], break_after=2)
    stream = await openai_sdk.chat.completions.create(model=MODELS["openai"], messages=ASK, stream=True)
    text = ""
    with pytest.raises(openai.APIError) as caught:
        async for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text == "one two "
    assert caught.value.code == "provider_stream_broken"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("delay", [0.0, 600.0])
async def test_a_client_that_leaves_stops_the_upstream(
    server: Any, vendor: Any, stream: bool, delay: float
) -> None:
    """In the first phase of the answer as well as in its middle."""
    vendor.play(pieces=["word "] * 5000, rate=50, delay=delay)
    before = len(vendor.requests)
    body = {"model": MODELS["openai"], "messages": ASK, "stream": stream}
    async with Leaving(server) as client:
        await client.post("/v1/chat/completions", body)
        await eventually(lambda: asked(vendor, before))
        if stream and not delay:
            await client.read_some()
    upstream = vendor.requests[-1]
    await eventually(lambda: closed(upstream))


async def test_models_are_listed_and_looked_up(openai_sdk: Any) -> None:
    listed = [model.id async for model in openai_sdk.models.list()]
    assert "demo/chat" in listed
    assert (await openai_sdk.models.retrieve("demo/chat")).owned_by == "demo"
    with pytest.raises(openai.NotFoundError):
        await openai_sdk.models.retrieve("nobody/knows")


async def test_a_spoken_answer_streamed_and_whole(openai_sdk: Any, vendor: Any) -> None:
    asked_for: dict[str, Any] = {
        "model": MODELS["openai"],
        "messages": ASK,
        "modalities": ["text", "audio"],
    }
    deltas = [{"audio": {"id": "a", "transcript": "Good day."}}, {"audio": {"data": "AQABAA=="}}]
    told = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    vendor.play(raw=b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in [*told, end]))
    voice = {"voice": "alloy", "format": "pcm16"}
    stream = await openai_sdk.chat.completions.create(**asked_for, audio=voice, stream=True)
    heard = [chunk.choices[0].delta.model_dump() async for chunk in stream if chunk.choices]
    sent = vendor.requests[-1].body
    whole = await openai_sdk.chat.completions.create(**asked_for, audio={**voice, "format": "wav"})
    spoken = whole.choices[0].message.audio
    with pytest.raises(openai.BadRequestError):
        await openai_sdk.chat.completions.create(**asked_for, audio={**voice, "format": "mp3"})
    assert [delta["audio"]["data"] for delta in heard if (delta.get("audio") or {}).get("data")] == [
        "AQABAA=="
    ]
    assert (sent["modalities"], sent["audio"]) == (["text", "audio"], voice)
    assert spoken.transcript == "Good day."
    assert base64.b64decode(spoken.data).endswith(b"\x01\x00\x01\x00")
