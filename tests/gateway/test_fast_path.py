"""Where the caller and the upstream speak the same format, the upstream's words go through as they came."""

import json
from typing import Any

import httpx2
import pytest

from tests.clients import eventually

ASK = [{"role": "user", "content": "Tell me"}]
CHUNK = {"id": "chatcmpl-own", "object": "chat.completion.chunk", "created": 5, "model": "theirs"}


def chunk(delta: Any, finish: Any = None, **more: Any) -> dict[str, Any]:
    return {**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


USAGE = {**CHUNK, "choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}}
TOLD = [
    chunk({"role": "assistant", "content": ""}, system_fingerprint="fp_1"),
    chunk({"content": "Hello\u2028", "unheard_of": [1, {"x": "🙂"}]}),
    chunk({}, "stop", service_tier="default"),
]


def body_of(frames: list[Any], done: bytes = b"data: [DONE]\n\n") -> bytes:
    return b"".join(b"data: " + json.dumps(f, ensure_ascii=False).encode() + b"\n\n" for f in frames) + done


async def frames(server: Any, path: str, **body: Any) -> list[Any]:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as client:
        answered = await client.post(f"{server.url}{path}", json={"messages": ASK, "stream": True, **body})
    assert answered.status_code == 200, answered.text
    assert len(answered.text.splitlines()) == answered.text.count("\n")
    lines = [line[6:] for line in answered.text.split("\n") if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("done", [b"data: [DONE]\n\n", b""])
async def test_the_chunks_of_an_upstream_go_through(
    server: Any, vendor: Any, tells: bool, done: bytes
) -> None:
    vendor.play(raw=body_of([*TOLD, USAGE], done), cut=5)
    options = {"stream_options": {"include_usage": True}} if tells else {}
    got = await frames(server, "/v1/chat/completions", model="openai/gpt-fake", **options)
    assert got == [*TOLD, *([USAGE] if tells else []), "[DONE]"]
    assert vendor.requests[-1].body["stream_options"] == {"include_usage": True}


async def test_the_events_of_an_upstream_go_through(server: Any, vendor: Any) -> None:
    told = [
        {"type": "message_start", "message": {"id": "msg_own", "usage": {"input_tokens": 3}, "own": 1}},
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]
    vendor.play(raw=b"".join(f"event: {t['type']}\ndata: {json.dumps(t)}\n\n".encode() for t in told))
    got = await frames(server, "/v1/messages", model="anthropic/claude-fake", max_tokens=9)
    assert got == told


async def test_an_error_in_the_stream_is_told_in_our_words(server: Any, vendor: Any) -> None:
    """The upstream's may repeat a key."""
    error = {"error": {"message": "Incorrect API key provided: sk-canary", "code": "server_error"}}
    vendor.play(raw=body_of([*TOLD[:2], error], b""))
    got = await frames(server, "/v1/chat/completions", model="openai/gpt-fake")
    assert got[:2] == TOLD[:2]
    assert got[2]["error"]["code"] == "provider_failed"
    assert "sk-canary" not in json.dumps(got)


async def test_fields_that_decide_where_a_request_goes_stay_here(server: Any, vendor: Any) -> None:
    vendor.play(text="Hi")
    evil = {"api_base": "http://evil.example", "headers": {"x": "y"}, "extra_body": {}, "api_key": "k"}
    await frames(server, "/v1/chat/completions", model="openai/gpt-fake", temperature=0.5, user="u", **evil)
    sent = vendor.requests[-1].body
    assert not set(evil) & set(sent)
    assert (sent["temperature"], sent["user"], sent["model"]) == (0.5, "u", "gpt-fake")


async def test_what_went_through_is_counted(server: Any, vendor: Any) -> None:
    usage = {**USAGE, "usage": {"prompt_tokens": 4321, "completion_tokens": 2}}
    vendor.play(raw=body_of([*TOLD, usage]))
    await frames(server, "/v1/chat/completions", model="openai/gpt-fake")

    async def told() -> bool:
        return "door=openai-chat status=completed" in server.log.read_text() and "tokens=4323" in (
            server.log.read_text()
        )

    await eventually(told)
