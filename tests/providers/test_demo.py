"""The demo provider: honest, repeatable, and played exactly as scripted."""

from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.adapters.demo.adapter import DemoAdapter
from providers.adapters.demo.texts import tokens_of
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Tool
from providers.events import Finish, RunEvent, UsageReport
from providers.parts import TextPart, ToolCallPart, ToolResultPart
from tests.contract.kind import assert_well_formed, calls_in, collect, inputs_in, reasoning_in, text_in


async def answer(model: str = "chat", message: str = "What is this?", **options: Any) -> list[RunEvent]:
    asked = ChatMessage(role="user", parts=(TextPart(text=message),))
    adapter = DemoAdapter(ProviderConfig(provider_id="demo", kind="demo"))
    return await collect(adapter, ChatRequest(model=model, messages=(asked,), options={"rate": 0, **options}))


def counted(events: list[RunEvent]) -> int:
    [report] = [event for event in events if isinstance(event, UsageReport)]
    return report.usage.output_tokens


@pytest.mark.parametrize("model", ["chat", "long", "fast", "reason", "tools"])
async def test_every_model_answers(model: str) -> None:
    events = await answer(model)
    assert_well_formed(events)
    assert text_in(events)
    assert counted(events) > 50


async def test_the_answer_says_what_it_is() -> None:
    text = text_in(await answer(message="Is this {real}?\nReally?"))
    for piece in (
        "> Is this {real}?\n> Really?",
        "not a language model",
        "/admin/",
        "```python",
        "| model |",
        "中文",
    ):
        assert piece in text


async def test_the_same_seed_gives_the_same_text() -> None:
    first, again, other = [await answer("long", seed=seed) for seed in (1, 1, 2)]
    assert text_in(first) == text_in(again) != text_in(other)


async def test_reasoning_comes_at_length_from_its_model() -> None:
    brief, long = await answer("chat"), await answer("reason")
    assert 0 < len(reasoning_in(brief)) < len(reasoning_in(long))


@pytest.mark.parametrize("tokens", [0, 1, 7, 300])
async def test_so_many_tokens_as_asked(tokens: int) -> None:
    events = await answer("chat", tokens=tokens)
    assert counted(events) == tokens == len(tokens_of(text_in(events)))


async def test_a_limit_cuts_the_answer() -> None:
    events = await answer("long", max_tokens=5)
    assert counted(events) == 5
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == "length"


async def test_failing_comes_after_some_text() -> None:
    events: list[RunEvent] = []
    asked = ChatMessage(role="user", parts=(TextPart(text="Hi"),))
    adapter = DemoAdapter(ProviderConfig(provider_id="demo", kind="demo"))
    with pytest.raises(errors.ProviderFailed):
        await collect(adapter, ChatRequest(model="fail", messages=(asked,), options={"rate": 0}), events)
    assert text_in(events)


async def test_a_script_is_played_as_written() -> None:
    script = [{"reasoning": "Hm"}, {"text": "one "}, {"wait": 0.01}, {"text": "two"}, {"finish": "length"}]
    events = await answer(script=script)
    assert_well_formed(events)
    assert (reasoning_in(events), text_in(events)) == ("Hm", "one two")
    assert events[-1] == Finish(reason="length")


@pytest.mark.parametrize("code", ["provider_failed", "provider_rate_limited", "provider_timeout"])
async def test_a_script_can_fail(code: str) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        await answer(script=[{"text": "x"}, {"error": code}])
    assert caught.value.code == code
    assert caught.value.provider == "demo"


@pytest.mark.parametrize(
    "options",
    [
        {"tokens": -1},
        {"tokens": "many"},
        {"rate": float("nan")},
        {"rate": -5},
        {"max_tokens": 0},
        {"seed": "x"},
        {"script": "hello"},
        {"script": [{"say": "x"}]},
        {"script": [{"error": "boom"}]},
        {"script": [{"wait": -1}]},
        {"script": [{"finish": "maybe"}]},
    ],
)
async def test_a_wrong_option_is_refused_by_name(options: dict[str, Any]) -> None:
    [name] = options
    with pytest.raises(errors.InvalidOptions, match=name) as caught:
        await answer(**options)
    assert caught.value.status == 400


async def test_an_unknown_model_is_not_found() -> None:
    with pytest.raises(errors.ModelNotFound):
        await answer("gpt-9")


@given(st.text(max_size=40))
def test_tokens_join_to_the_text_and_split_no_cluster(text: str) -> None:
    tokens = tokens_of(text)
    assert "".join(tokens) == text
    assert all(tokens)
    clusters = [cluster for token in tokens for cluster in regex.findall(r"\X", token)]
    assert clusters == regex.findall(r"\X", text)


ECHO = Tool(name="echo", parameters={"type": "object", "properties": {"message": {"type": "string"}}})
ADD = Tool(
    name="get-sum",
    parameters={
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": "integer"}, "c": {"type": "string"}},
        "required": ["a", "b"],
    },
)
PLAIN = Tool(name="note")


async def with_tools(message: str, *more: ChatMessage, choice: str = "", **options: Any) -> list[RunEvent]:
    asked = ChatMessage(role="user", parts=(TextPart(text=message),))
    request = ChatRequest(
        model="tools",
        messages=(asked, *more),
        tools=(ECHO, ADD, PLAIN),
        tool_choice=choice,
        options={"rate": 0, **options},
    )
    return await collect(DemoAdapter(ProviderConfig(provider_id="demo", kind="demo")), request)


@pytest.mark.parametrize(
    ("message", "inputs"),
    [
        ("Use note, please.", [{"text": "Use note, please."}]),
        ("ECHO this", [{"message": "ECHO this"}]),
        ('echo {"message": "so"}', [{"message": "so"}]),
        ("get-sum of 2.5 and 4", [{"c": "get-sum of 2.5 and 4", "a": 2.5, "b": 4}]),
        ("note and echo", [{"message": "note and echo"}, {"text": "note and echo"}]),
        ("notes, echoes", []),
    ],
)
async def test_the_tool_that_the_message_names_is_called(message: str, inputs: list[Any]) -> None:
    events = await with_tools(message)
    assert_well_formed(events)
    assert inputs_in(events) == inputs
    assert isinstance(events[-1], Finish)
    assert events[-1].reason == ("tool_calls" if inputs else "stop")


@pytest.mark.parametrize(("choice", "names"), [("none", []), ("required", ["echo"]), ("note", ["note"])])
async def test_a_choice_of_tools_is_kept(choice: str, names: list[str]) -> None:
    assert [call.name for call in calls_in(await with_tools("Hello.", choice=choice))] == names


async def test_after_the_results_they_are_told() -> None:
    call = ToolCallPart(id="c", name="echo", arguments='{"message": "x"}')
    step = ChatMessage(role="assistant", parts=(call, ToolResultPart(id="c", output="back from echo")))
    events = await with_tools("echo x", step)
    assert "back from echo" in text_in(events)
    assert not calls_in(events)


async def test_a_script_goes_on_after_its_calls() -> None:
    script = [{"text": "One. "}, {"tool": "echo", "arguments": {"message": "x"}}, {"text": "Two."}]
    first = await with_tools("Go.", script=script)
    assert (text_in(first), inputs_in(first)) == ("One. ", [{"message": "x"}])
    [call] = calls_in(first)
    step = ChatMessage(role="assistant", parts=(call, ToolResultPart(id=call.id, output="y")))
    second = await with_tools("Go.", step, script=script)
    assert (text_in(second), calls_in(second)) == ("Two.", [])
