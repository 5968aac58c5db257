"""Answers in a form that was asked for: handed on or told in words, checked, repaired once."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel

from chat.client import response_format_of
from tests.clients import Api, Frame
from tests.fakes.script import Script

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
FORM = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
GOOD = '{"name": "Ada Lovelace", "age": 36}'
BAD = '{"name": "Ada Lovelace", "age": "old"}'
OPENAI, ANTHROPIC = "openai/gpt-fake", "anthropic/claude-fake"


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture
async def alice(server: Any) -> AsyncIterator[Api]:
    async with Api(server.url, server.keys["alice"]) as api:
        yield api


async def asked(api: Api, model: str, form: Frame, **more: Any) -> tuple[Frame, Frame, list[Frame]]:
    """The run when it has ended, the answer's message, and the run's events."""
    session = await api.session()
    options = {"response_format": form, **more}
    sent = await api.send(session["id"], "Who was it?", model=model, options=options)
    run = await api.ended(sent["runs"][0]["id"])
    events = (await api.http.get(f"/api/runs/{run['id']}/events/?after=0")).json()["events"]
    return run, (await api.messages(session["id"]))[run["message_id"]], events


def output_of(message: Frame) -> Any:
    """The value that is kept."""
    [data] = [part for part in message["parts"] if part["type"] == "data"]
    assert data["name"] == "output"
    return data["value"]


def values_of(events: list[Frame]) -> list[Any]:
    return [event["value"] for event in events if event["type"] == "data"]


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
async def test_a_vendor_that_takes_schemas_gets_it_as_its_own(alice: Api, vendor: Any, model: str) -> None:
    vendor.play(pieces=list(GOOD))
    run, message, events = await asked(alice, model, FORM)
    body = vendor.requests[-1].body
    native = body["response_format"]["json_schema"] if model == OPENAI else body["output_config"]["format"]
    assert native["schema"] == SCHEMA
    assert run["status"] == "completed"
    assert message["text"] == GOOD
    assert output_of(message) == json.loads(GOOD)
    first = values_of(events)[0]
    assert list(first) == list(json.loads(GOOD))[: len(first)]  # how much of it depends on the machine
    assert "Ada Lovelace".startswith(first["name"])
    assert values_of(events)[-1] == json.loads(GOOD)


async def test_one_that_takes_none_is_told_in_words(alice: Api) -> None:
    """The demo counts the words that it is asked with, the system's among them."""
    script = [{"text": f"```json\n{GOOD}\n```"}]
    run, message, _ = await asked(alice, "demo/chat", FORM, script=script)
    plain, _, _ = await asked(alice, "demo/chat", {"type": "text"}, script=script)
    assert run["usage"]["input_tokens"] > plain["usage"]["input_tokens"] + len(json.dumps(SCHEMA)) // 4 - 2
    assert message["text"] == GOOD
    assert output_of(message) == json.loads(GOOD)


@pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
async def test_an_answer_that_does_not_fit_is_asked_for_once_more(
    alice: Api, vendor: Any, model: str
) -> None:
    vendor.play_in_turn(Script(text=BAD), Script(text=GOOD))
    before = len(vendor.requests)
    run, message, events = await asked(alice, model, FORM)
    said = vendor.requests[-1].body["messages"]
    assert len(vendor.requests) == before + 2
    assert BAD in json.dumps(said[-2]).replace('\\"', '"')
    assert "age: 'old' is not of type 'integer'" in json.dumps(said[-1])
    assert [event["step"] for event in events if event["type"] == "step-start"] == [1, 2]
    assert run["status"] == "completed"
    assert message["text"] == GOOD
    assert run["usage"]["output_tokens"] == 6  # of both rounds
    assert output_of(message) == json.loads(GOOD)


async def test_a_second_failure_is_an_error_that_says_why(alice: Api, vendor: Any) -> None:
    vendor.play_in_turn(Script(text=BAD), Script(text="I would rather not."))
    run, message, events = await asked(alice, OPENAI, FORM)
    assert (run["status"], run["error"]["code"]) == ("failed", "invalid_output")
    assert "expected value" in run["error"]["message"]
    assert message["text"] == "I would rather not."
    assert values_of(events)[-1] is None


async def test_a_cut_off_answer_is_not_asked_for_again(alice: Api, vendor: Any) -> None:
    vendor.play(text=GOOD[:20], finish="length")
    before = len(vendor.requests)
    run, message, _ = await asked(alice, OPENAI, FORM)
    assert len(vendor.requests) == before + 1
    assert run["error"]["code"] == "invalid_output"
    assert "cut off" in run["error"]["message"]
    assert message["text"] == GOOD[:20]


async def test_words_before_a_call_of_a_tool_are_no_answer(alice: Api) -> None:
    script = [
        {"text": "Let me see."},
        {"tool": "calculator", "arguments": {"expression": "6*6"}},
        {"text": GOOD},
    ]
    session = await alice.session()
    options = {"response_format": FORM, "script": script}
    sent = await alice.send(session["id"], model="demo/tools", options=options, tools=["calculator"])
    run = await alice.ended(sent["runs"][0]["id"])
    message = (await alice.messages(session["id"]))[run["message_id"]]
    assert run["status"] == "completed"
    assert [part["type"] for part in message["parts"]] == ["text", "tool-call", "tool-result", "data", "text"]
    assert output_of(message) == json.loads(GOOD)


async def test_any_object_will_do_where_none_is_described(alice: Api, vendor: Any) -> None:
    vendor.play(text='{"anything": [1e999, "a\\u0000b", 123456789012345678901234567890]}')
    run, message, _ = await asked(alice, OPENAI, {"type": "json_object"})
    body = vendor.requests[-1].body
    assert body["response_format"] == {"type": "json_object"}
    assert "JSON" in body["messages"][0]["content"]  # the vendor refuses it without
    assert run["status"] == "completed"
    assert output_of(message)["anything"] == [None, "ab", 123456789012345678901234567890.0]


async def test_a_pydantic_model_is_a_form_and_reads_the_answer(alice: Api, vendor: Any) -> None:
    vendor.play(text=GOOD)
    _, message, _ = await asked(alice, OPENAI, response_format_of(Person))
    assert Person.model_validate(output_of(message)) == Person(name="Ada Lovelace", age=36)


async def test_the_kept_answer_of_an_openai_client_has_no_trace_of_the_failed_round(
    server: Any, vendor: Any
) -> None:
    vendor.play_in_turn(Script(text=BAD), Script(text=GOOD))
    async with Api(server.url, server.keys["alice"]) as alice:
        answer = await alice.http.post(
            "/v1/chat/completions",
            headers={"X-Parley-Session": "new"},
            json={
                "model": OPENAI,
                "messages": [{"role": "user", "content": "Who?"}],
                "response_format": FORM,
            },
        )
    assert answer.json()["choices"][0]["message"]["content"] == GOOD


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("json", "options.response_format"),
        ({"type": "yaml"}, "options.response_format.type"),
        ({"type": "json_schema"}, "options.response_format"),
        ({"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}}, "json_schema.name"),
        ({"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "thing"}}}, ".schema"),
        ({"type": "json_schema", "json_schema": {"name": "a", "schema": {"title": "x" * 70_000}}}, ".schema"),
    ],
)
async def test_what_is_no_form_is_refused_with_its_place(alice: Api, form: Any, field: str) -> None:
    session = await alice.session()
    answer = await alice.http.post(
        f"/api/sessions/{session['id']}/messages/",
        json={"client_id": str(uuid.uuid4()), "text": "Who?", "options": {"response_format": form}},
    )
    assert answer.status_code == 400
    assert field in answer.json()["error"]["field"]
