"""The official Anthropic SDK, unmodified, against `/v1/messages`; and the headers that others still send."""

from typing import Any

import anthropic
import httpx2
import pytest

from tests.browser.texts import long_answer
from tests.clients import eventually
from tests.gateway.leaving import Leaving, asked, closed

MODELS = {"openai": "openai/gpt-fake", "anthropic": "anthropic/claude-fake"}
ASK: list[Any] = [{"role": "user", "content": "Tell me"}]
PIECES = long_answer(300)


@pytest.mark.parametrize("vendor_name", MODELS)
async def test_a_streamed_answer_with_thinking(anthropic_sdk: Any, vendor: Any, vendor_name: str) -> None:
    vendor.play(pieces=PIECES, cut=7, reasoning="Let me think. 想一想。", signature="sealed")
    async with anthropic_sdk.messages.stream(
        model=MODELS[vendor_name], messages=ASK, max_tokens=500
    ) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        message = await stream.get_final_message()
    assert text == "".join(PIECES)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking == "Let me think. 想一想。"
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 3)


@pytest.mark.parametrize("vendor_name", MODELS)
async def test_an_answer_in_one_piece(anthropic_sdk: Any, vendor: Any, vendor_name: str) -> None:
    vendor.play(text="Hello there. 你好")
    system = [{"type": "text", "text": "Be brief."}]
    message = await anthropic_sdk.messages.create(
        model=MODELS[vendor_name], messages=ASK, max_tokens=50, system=system
    )
    assert message.content[0].text == "Hello there. 你好"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (7, 3)
    assert message.model == MODELS[vendor_name]


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
@pytest.mark.parametrize("carrier", ["x-api-key", "authorization"])
async def test_both_versions_and_both_carriers_of_the_key_are_taken(
    server: Any, vendor: Any, version: str, carrier: str
) -> None:
    vendor.play(text="Fine.")
    key = server.keys["alice"] if carrier == "x-api-key" else f"Bearer {server.keys['alice']}"
    body = {"model": "demo/fast", "messages": ASK, "max_tokens": 5, "temperature": 0.5}
    async with httpx2.AsyncClient(headers={carrier: key, "anthropic-version": version}) as client:
        answered = await client.post(f"{server.url}/v1/messages", json=body)
        listed = (await client.get(f"{server.url}/v1/models")).json()
    assert answered.json()["stop_reason"] == "max_tokens"
    assert answered.headers["request-id"].startswith("req_")
    assert listed["data"][0]["type"] == "model"


async def test_tokens_are_counted(anthropic_sdk: Any) -> None:
    counted = await anthropic_sdk.messages.count_tokens(model="demo/chat", messages=ASK)
    more = await anthropic_sdk.messages.count_tokens(model="demo/chat", messages=ASK, system="Be brief. " * 9)
    assert more.input_tokens > counted.input_tokens > 0


async def test_a_wrong_key_is_an_authentication_error(server: Any) -> None:
    client = anthropic.AsyncAnthropic(base_url=server.url, api_key="sk-wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError) as caught:
        await client.messages.create(model="demo/fast", messages=ASK, max_tokens=5)
    assert caught.value.type == "authentication_error"


async def test_an_unknown_model_is_not_found(anthropic_sdk: Any) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        await anthropic_sdk.messages.create(model="nobody/knows", messages=ASK, max_tokens=5)
    assert caught.value.type == "not_found_error"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "smell"}]}]}, "messages[0].content[0].type"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
    ],
)
async def test_a_bad_request_names_its_field(anthropic_sdk: Any, fields: Any, named: str) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        await anthropic_sdk.messages.create(
            **{"model": "demo/fast", "messages": ASK, "max_tokens": 5, **fields}
        )
    assert named in str(caught.value)


async def test_a_limit_of_the_upstream_is_told_as_one(anthropic_sdk: Any, vendor: Any) -> None:
    vendor.play(status=429, headers={"retry-after": "3"})
    with pytest.raises(anthropic.RateLimitError) as caught:
        await anthropic_sdk.messages.create(model=MODELS["anthropic"], messages=ASK, max_tokens=5)
    assert caught.value.response.headers["retry-after"] == "3"


async def test_a_failure_in_mid_stream_is_told_in_the_stream(anthropic_sdk: Any, vendor: Any) -> None:
    vendor.play(pieces=["one ", "two ", "three "], break_after=2)
    text = ""
    with pytest.raises(anthropic.APIStatusError) as caught:
        async with anthropic_sdk.messages.stream(
            model=MODELS["anthropic"], messages=ASK, max_tokens=5
        ) as stream:
            async for piece in stream.text_stream:
                text += piece
    assert text == "one two "
    assert caught.value.type == "api_error"


async def test_a_client_that_leaves_stops_the_upstream(server: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    before = len(vendor.requests)
    body = {"model": MODELS["anthropic"], "messages": ASK, "max_tokens": 9, "stream": True}
    async with Leaving(server) as client:
        await client.post("/v1/messages", body)
        await eventually(lambda: asked(vendor, before))
        await client.read_some()
    upstream = vendor.requests[-1]
    await eventually(lambda: closed(upstream))
