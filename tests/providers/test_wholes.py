"""An answer in one piece where a stream was asked for is read like the stream that says the same."""

import json
from typing import Any

import pytest

from providers.adapters.completions.wire import CompletionsWire
from providers.adapters.wholes import as_stream
from providers.contract import ChatMessage, ChatRequest, ProviderConfig
from providers.errors import ProviderError, StreamBroken
from providers.events import Finish, Usage, UsageReport
from providers.folding import fold_all
from providers.parts import Part, ReasoningPart, SourcePart, TextPart, ToolCallPart
from providers.registry import adapter_class
from providers.secrets import Secret
from tests.contract.kind import assert_well_formed, collect
from tests.fakes.provider import FakeProvider

CALL = {"id": "c1", "function": {"name": "look", "arguments": '{"x": 1}'}}
PAGE = {"url": "https://a.example", "title": "A"}
COMPLETION = {
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "See.",
                "reasoning_content": "Hm.",
                "annotations": [{"type": "url_citation", "url_citation": PAGE}],
                "tool_calls": [CALL],
            },
            "finish_reason": "tool_calls",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5},
}
RESPONSE = {
    "object": "response",
    "status": "completed",
    "output": [
        {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {
            "type": "message",
            "content": [
                {
                    "type": "output_text",
                    "text": "See.",
                    "annotations": [{"type": "url_citation", **PAGE}],
                }
            ],
        },
        {"type": "function_call", "id": "fc", "call_id": "c1", "name": "look", "arguments": '{"x": 1}'},
    ],
    "usage": {"input_tokens": 3, "output_tokens": 5},
}
MESSAGE = {
    "type": "message",
    "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {
            "type": "text",
            "text": "See.",
            "citations": [{"type": "web_search_result_location", **PAGE}],
        },
        {"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}},
    ],
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 3, "output_tokens": 5},
}
LINE = {
    "message": {
        "thinking": "Hm.",
        "content": "See.",
        "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": {"x": 1}}}],
    },
    "done": True,
    "prompt_eval_count": 3,
    "eval_count": 5,
}
KINDS = [
    ("openai", {}, COMPLETION),
    ("openai", {"api": "responses"}, RESPONSE),
    ("anthropic", {}, MESSAGE),
    ("ollama", {}, LINE),
]


def told(part: Part) -> Any:
    match part:
        case ToolCallPart():
            return part.name, json.loads(part.arguments)
        case SourcePart():
            return part.url, part.title
        case _:
            return getattr(part, "text", part)


async def answer(kind: str, extra: dict[str, Any], body: bytes, cut: int = 0) -> list[Any]:
    async with FakeProvider() as fake:
        fake.play(raw=body, cut=cut)
        address = fake.base_url if kind == "openai" else fake.root_url
        config = ProviderConfig(
            provider_id="p", kind=kind, base_url=address, api_key=Secret("sk-test"), extra=extra
        )
        message = ChatMessage(role="user", parts=(TextPart(text="Hi"),))
        return await collect(adapter_class(kind)(config), ChatRequest(model="m", messages=(message,)))


@pytest.mark.parametrize("cut", [0, 7])
@pytest.mark.parametrize(
    ("kind", "extra", "body"), KINDS, ids=["completions", "responses", "messages", "ollama"]
)
async def test_a_whole_answer_is_read_like_a_stream(
    kind: str, extra: dict[str, Any], body: dict[str, Any], cut: int
) -> None:
    events = await answer(kind, extra, json.dumps(body).encode(), cut)
    assert_well_formed(events)
    reasoning, text, *rest = fold_all((), events)
    assert (type(reasoning), told(reasoning), told(text)) == (ReasoningPart, "Hm.", "See.")
    expected = [("look", {"x": 1}), *([("https://a.example", "A")] if kind != "ollama" else [])]
    assert sorted(map(told, rest)) == sorted(expected)
    assert UsageReport(usage=Usage(input_tokens=3, output_tokens=5)) in events
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == "tool_calls"


@pytest.mark.parametrize(("kind", "extra", "body"), KINDS[:3], ids=["completions", "responses", "messages"])
async def test_an_error_in_one_piece_and_half_an_answer_are_failures(
    kind: str, extra: dict[str, Any], body: dict[str, Any]
) -> None:
    error = {"type": "error", "error": {"type": "rate_limit_error", "code": "rate_limit_exceeded"}}
    with pytest.raises(ProviderError) as refused:
        await answer(kind, extra, json.dumps(error).encode())
    assert refused.value.code == "provider_rate_limited"
    with pytest.raises(StreamBroken):
        await answer(kind, extra, json.dumps(body, indent=1).encode()[:-40])


async def test_a_whole_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.adapters.wholes.MAX_EVENT", 100)

    async def endless() -> Any:
        while True:
            yield b'{"choices": [' * 4

    with pytest.raises(StreamBroken):
        [chunk async for chunk in as_stream(endless(), CompletionsWire())]
