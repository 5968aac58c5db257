"""Tools of the caller's own, parallel calls, over each SDK: the call comes, the result goes back upstream."""

import json
from typing import Any

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}}
CALLS = [("call_a", "weather", '{"city": "Oslo"}'), ("call_b", "weather", '{"city": "台北"}')]


def openai_stream() -> bytes:
    def chunk(delta: Any, finish: Any = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return b"data: " + json.dumps({"id": "c", "object": "x", "choices": [choice]}).encode() + b"\n\n"

    told = b"".join(
        chunk({"tool_calls": [{"index": i, "id": id_, "type": "function", "function": {"name": name}}]})
        + chunk({"tool_calls": [{"index": i, "function": {"arguments": arguments[:5]}}]})
        + chunk({"tool_calls": [{"index": i, "function": {"arguments": arguments[5:]}}]})
        for i, (id_, name, arguments) in enumerate(CALLS)
    )
    return told + chunk({}, "tool_calls") + b"data: [DONE]\n\n"


async def test_chat_completions(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(raw=openai_stream())
    function = {"name": "weather", "description": "The weather.", "parameters": WEATHER}
    ask: list[Any] = [{"role": "user", "content": "Weather?"}]
    asked: dict[str, Any] = {
        "model": "openai/gpt-fake",
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "required",
    }
    answer = await openai_sdk.chat.completions.create(messages=ask, **asked)
    calls = answer.choices[0].message.tool_calls
    assert [(c.id, c.function.name, c.function.arguments) for c in calls] == CALLS
    assert answer.choices[0].finish_reason == "tool_calls"
    assert vendor.requests[-1].body["tool_choice"] == "required"
    vendor.play(text="Sunny.")
    results = [{"role": "tool", "tool_call_id": id_, "content": "sun"} for id_, _, _ in CALLS]
    messages = [*ask, answer.choices[0].message, *results]
    last = await openai_sdk.chat.completions.create(messages=messages, **asked)
    sent = vendor.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert last.choices[0].message.content == "Sunny."


async def test_messages(anthropic_sdk: Any, vendor: Any) -> None:
    """Through another vendor's wire."""
    vendor.play(raw=openai_stream())
    tools = [{"name": "weather", "description": "The weather.", "input_schema": WEATHER}]
    asked: dict[str, Any] = {"model": "openai/gpt-fake", "max_tokens": 99, "tools": tools}
    ask: list[Any] = [{"role": "user", "content": "Weather?"}]
    async with anthropic_sdk.messages.stream(messages=ask, **asked) as stream:
        message = await stream.get_final_message()
    assert [(b.id, b.name, b.input) for b in message.content] == [
        (id_, name, json.loads(arguments)) for id_, name, arguments in CALLS
    ]
    assert message.stop_reason == "tool_use"
    vendor.play(text="Sunny.")
    results = [{"type": "tool_result", "tool_use_id": id_, "content": "sun"} for id_, _, _ in CALLS]
    turns = [*ask, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
    last = await anthropic_sdk.messages.create(messages=turns, **asked)
    sent = vendor.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert last.content[0].text == "Sunny."


async def test_stored_responses(openai_sdk: Any, vendor: Any) -> None:
    vendor.play(raw=openai_stream())
    tools = [{"type": "function", "name": "weather", "parameters": WEATHER, "strict": False}]
    first = await openai_sdk.responses.create(model="openai/gpt-fake", input="Weather?", tools=tools)
    assert [(item.name, item.arguments) for item in first.output] == [call[1:] for call in CALLS]
    vendor.play(text="Sunny.")
    results = [
        {"type": "function_call_output", "call_id": item.call_id, "output": "sun"} for item in first.output
    ]
    second = await openai_sdk.responses.create(
        model="openai/gpt-fake", input=results, tools=tools, previous_response_id=first.id
    )
    sent = vendor.requests[-1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool", "tool"]
    assert second.output_text == "Sunny."
