"""Tools on each vendor's wire, there and back: two calls at once, results in the vendor's own form."""

import json
from typing import Any

import pytest

from tests.clients import Api
from tests.fakes.script import Script, ToolCall

CALLS = (
    ToolCall("calculator", '{"expression": "6*7"}', id="call_a"),
    ToolCall("calculator", '{"expression": "2**10"}', id="call_b"),
)


def results_in(body: dict[str, Any], vendor_name: str) -> list[tuple[str, str]]:
    """What went back, by the call's id; each with the calls right before it."""
    if vendor_name == "openai":
        asking = next(m for m in body["messages"] if m.get("tool_calls"))
        at = body["messages"].index(asking)
        back = body["messages"][at + 1 : at + 3]
        assert [call["id"] for call in asking["tool_calls"]] == ["call_a", "call_b"]
        assert [message["role"] for message in back] == ["tool", "tool"]
        return [(message["tool_call_id"], message["content"]) for message in back]
    asking, back = body["messages"][-2:]
    uses = [block for block in asking["content"] if block["type"] == "tool_use"]
    assert [(use["id"], use["input"]) for use in uses] == [(c.id, json.loads(c.arguments)) for c in CALLS]
    assert back["role"] == "user"
    return [(block["tool_use_id"], text_in(block["content"])) for block in back["content"]]


def text_in(content: Any) -> str:
    return content if isinstance(content, str) else "".join(block["text"] for block in content)


@pytest.mark.parametrize(("vendor_name", "model"), [("openai", "gpt-fake"), ("anthropic", "claude-fake")])
@pytest.mark.parametrize("cut", [0, 7])
async def test_two_calls_at_once_are_run_and_both_answered(
    server: Any, vendor: Any, vendor_name: str, model: str, cut: int
) -> None:
    asks = Script(text="Let me see.", tools=CALLS, tool_cut=5, interleaved=vendor_name == "openai", cut=cut)
    vendor.play_in_turn(asks, Script(text="42 and 1024."))
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], model=f"{vendor_name}/{model}", tools=["calculator"])
        run = await alice.ended(sent["runs"][0]["id"])
        message = (await alice.messages(session["id"]))[run["message_id"]]
    first, second = (request.body for request in vendor.requests[-2:])
    assert "calculator" in json.dumps(first["tools"])
    assert results_in(second, vendor_name) == [("call_a", "42"), ("call_b", "1024")]
    outputs = {part["id"]: part["output"] for part in message["parts"] if part["type"] == "tool-result"}
    assert outputs == {"call_a": "42", "call_b": "1024"}
    assert message["text"].endswith("42 and 1024.")
    assert run["status"] == "completed"
