"""Stateless requests: what a model cannot take is turned into text, or refused with what it can."""

import base64
import json
from typing import Any

import openai
import pytest

from tests import hostile

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def asks(part: dict[str, Any]) -> list[Any]:
    return [{"role": "user", "content": [part, {"type": "text", "text": "What is it?"}]}]


async def test_a_file_that_the_model_does_not_take_is_refused_with_what_it_does(openai_sdk: Any) -> None:
    word = f"data:application/msword;base64,{encoded(b'not a pdf')}"
    part = {"type": "file", "file": {"filename": "a.doc", "file_data": word}}
    with pytest.raises(openai.BadRequestError) as caught:
        await openai_sdk.chat.completions.create(model="anthropic/claude-fake", messages=asks(part))
    assert caught.value.code == "unsupported_content"
    assert "It takes text, images and PDF" in str(caught.value)


async def test_a_text_file_goes_as_text_and_a_picture_as_itself(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text="Seen.")
    text = f"data:text/plain;base64,{encoded('雨'.encode())}"
    picture = f"data:image/png;base64,{encoded(hostile.picture())}"
    for part in (
        {"type": "file", "file": {"filename": "a.txt", "file_data": text}},
        {"type": "image_url", "image_url": {"url": picture}},
    ):
        await openai_sdk.chat.completions.create(model="anthropic/claude-fake", messages=asks(part))
    first, second = (request.body["messages"][0]["content"] for request in vendor.requests[-2:])
    assert "雨" in json.dumps(first, ensure_ascii=False)
    assert second[0]["source"]["media_type"] == "image/png"


async def test_a_form_is_handed_on_in_the_vendors_own_way_or_told(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(text='{"a": 1}')
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}
    for asked in (form, {"type": "json_object"}):
        await openai_sdk.chat.completions.create(
            model="anthropic/claude-fake",
            messages=[{"role": "user", "content": "Count."}],
            response_format=asked,
        )
    native, told = (request.body for request in vendor.requests[-2:])
    assert native["output_config"]["format"]["schema"] == SCHEMA
    assert "JSON object" in json.dumps(told["system"])
    assert "output_config" not in told
