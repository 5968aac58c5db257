"""The streaming guide's door: formats, modes, comparing."""

import json
from typing import Any

import httpx2
import pytest

TEXT = "Hello there, 你好。 A family: 👩‍👩‍👧, and more words to cut."
ASK = {"messages": [{"role": "user", "content": "你好！"}], "provider_id": "openai/gpt-fake"}


@pytest.fixture
async def http(server: Any) -> Any:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    async with httpx2.AsyncClient(base_url=f"{server.url}/api/streaming/", headers=headers, timeout=60) as c:
        yield c


def lines(text: str) -> list[Any]:
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("mode", ["standard", "buffered", "chunked", "priority"])
@pytest.mark.parametrize("form", ["sse", "ndjson", "text", "websocket"])
async def test_the_text_is_the_same_in_every_format_and_mode(
    http: Any, vendor: Any, form: str, mode: str
) -> None:
    vendor.play(text=TEXT)
    answered = await http.post("chat", json={**ASK, "stream_format": form, "generator_mode": mode})
    if form == "text":
        assert answered.text == TEXT
        return
    told = lines(answered.text)
    if form == "websocket":
        told = [{"type": t["data"]["event_type"], **t["data"]["event_data"]} for t in told]
    assert "".join(t["content"] for t in told if t["type"] == "text-delta") == TEXT
    assert told[-1]["type"] == "finish"


async def test_chunks_have_the_size_that_was_asked_for(http: Any, vendor: Any) -> None:
    vendor.play(text="abcdefgh")
    body = {**ASK, "generator_mode": "chunked", "chunk_size": 3}
    told = lines((await http.post("chat", json=body)).text)
    assert [t["content"] for t in told if t["type"] == "text-delta"] == ["abc", "def", "gh"]


async def test_several_providers_are_compared(http: Any, vendor: Any) -> None:
    vendor.play(text=TEXT)
    names = ["openai/gpt-fake", "anthropic/claude-fake", "demo/fail"]
    body = {"messages": ASK["messages"], "providers": names}
    told = lines((await http.post("compare", json=body)).text)
    for name in names[:2]:
        mine = [t for t in told if t["source"] == name]
        assert "".join(t["content"] for t in mine if t["type"] == "text-delta") == TEXT
        assert mine[-1]["type"] == "finish"
    assert [t["type"] for t in told if t["source"] == "demo/fail"][-1] == "error"
    whole = (await http.post("compare", json={**body, "stream": False})).json()["results"]
    assert [whole[name]["content"] for name in names[:2]] == [TEXT, TEXT]
    assert whole["demo/fail"]["error"]["code"] == "provider_failed"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"stream_format": "smoke"}, "stream_format"),
        ({"generator_mode": "wild"}, "generator_mode"),
        ({"chunk_size": 0}, "chunk_size"),
        ({"messages": []}, "messages"),
    ],
)
async def test_a_bad_request_names_its_field(http: Any, fields: Any, field: str) -> None:
    answered = await http.post("chat", json={**ASK, **fields})
    assert (answered.status_code, answered.json()["error"]["field"]) == (400, field)
