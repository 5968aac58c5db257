"""The official OpenAI SDK against `/v1/responses`."""

from typing import Any

import openai
import pytest

from tests.clients import eventually

MODEL = "openai/gpt-fake"


@pytest.mark.parametrize("store", [True, False])
async def test_a_streamed_response(openai_sdk: Any, vendor: Any, store: bool) -> None:
    vendor.play(pieces=["Hel", "lo 你", "好"], reasoning="Hmm.")
    async with openai_sdk.responses.stream(
        model=MODEL, input="Tell me", store=store, instructions="Be brief."
    ) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert final.output_text == "Hello 你好"
    assert [item.type for item in final.output] == ["reasoning", "message"]
    assert (final.usage.total_tokens, final.instructions, final.store) == (10, "Be brief.", store)
    assert kinds[:2] == ["response.created", "response.in_progress"]


async def test_a_conversation_goes_on_from_a_stored_response(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="Fine.")
    first = await openai_sdk.responses.create(model=MODEL, input="How are you?")
    second = await openai_sdk.responses.create(model=MODEL, input="And now?", previous_response_id=first.id)
    said = [message["content"] for message in vendor.requests[-1].body["messages"]]
    assert said == ["How are you?", "Fine.", "And now?"]
    assert second.previous_response_id == first.id
    assert (await openai_sdk.responses.retrieve(first.id)).output_text == "Fine."


async def test_a_background_response_is_followed_from_any_event(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 20, rate=40)
    begun = await openai_sdk.responses.create(model=MODEL, input="Tell me", background=True)
    assert begun.status in ("queued", "in_progress")
    followed = await openai_sdk.responses.retrieve(begun.id, stream=True)
    events = [event async for event in followed]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].response.output_text == "word " * 20
    rest = [e async for e in await openai_sdk.responses.retrieve(begun.id, stream=True, starting_after=3)]
    assert [event.to_dict() for event in rest] == [event.to_dict() for event in events[4:]]


async def test_a_background_response_is_cancelled_and_deleted(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    begun = await openai_sdk.responses.create(model=MODEL, input="Tell me", background=True)
    await openai_sdk.responses.cancel(begun.id)

    async def cancelled() -> bool:
        return (await openai_sdk.responses.retrieve(begun.id)).status == "cancelled"

    await eventually(cancelled)
    await openai_sdk.responses.delete(begun.id)
    with pytest.raises(openai.NotFoundError):
        await openai_sdk.responses.retrieve(begun.id)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [{"type": "smell"}]}, "input[0].type"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"background": True, "store": False}, "background"),
    ],
)
async def test_a_bad_request_names_its_field(openai_sdk: Any, fields: Any, param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await openai_sdk.responses.create(**{"model": MODEL, "input": "x", **fields})
    assert caught.value.param == param
