"""The response cache: the same deterministic request is asked once, and its repetition costs nothing."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.chat.readers import as_operator, operate
from tests.clients import Api, Frame, eventually
from tests.fakes.script import Script, ToolCall
from tests.memory.asked import say, unique

SAME = {"temperature": 0}


def said(scope: str, seconds: int = 3600) -> str:
    fields = f"pk=1, response_cache='{scope}', response_cache_seconds={seconds}, titles=False, memory=False"
    return f"MemorySettings({fields}).save()"


@pytest.fixture(scope="module")
def caching(remembering: Any) -> Iterator[Any]:
    """For each person apart."""
    as_operator(remembering, said("user"))
    yield remembering
    as_operator(remembering, "MemorySettings.objects.all().delete()")


@pytest.fixture
async def alice(caching: Any) -> AsyncIterator[Api]:
    async with Api(caching.url, caching.keys["alice"]) as alice:
        yield alice


async def ask(api: Api, question: str, **fields: Any) -> tuple[Frame, Frame]:
    """The run and the answer of a question in a new session."""
    session = await api.session(title="Mine", tools=[])
    run = await say(api, session["id"], question, **{"options": SAME, **fields})
    return run, (await api.messages(session["id"]))[run["message_id"]]


def count(vendor: Any, question: str) -> int:
    """How often this was asked upstream."""
    return sum(question in str(received.body) for received in vendor.requests if received.body)


async def test_the_same_question_is_asked_once_and_its_repetition_is_free(alice: Api, vendor: Any) -> None:
    question = unique("How far is the moon")
    vendor.play(text="About 384,400 km.")
    first, answer = await ask(alice, question)
    again, repeated = await ask(alice, question)
    assert count(vendor, question) == 1
    assert answer["text"] == repeated["text"] == "About 384,400 km."
    assert first["context"] is None and first["usage"]["output_tokens"] == 3
    assert (again["cost"], again["usage"]["output_tokens"], again["usage"]["input_tokens"]) == ("0", 0, 0)
    assert again["context"]["cached"][0]["run_id"] == first["id"]
    assert again["context"]["cached"][0]["saved"]["output_tokens"] == 3
    assert repeated["context"] == again["context"]
    assert (again["provider"], again["model"]) == ("openai", "gpt-fake")


async def test_others_get_it_only_where_that_was_chosen(caching: Any, alice: Api, vendor: Any) -> None:
    apart, shared = unique("What is a haiku"), unique("What is a sonnet")
    async with Api(caching.url, caching.keys["bob"]) as bob:
        for person in (alice, bob):
            await ask(person, apart)
        await operate(caching, said("shared"))
        for person in (alice, bob):
            await ask(person, shared)
        await operate(caching, said("user"))
    assert (count(vendor, apart), count(vendor, shared)) == (2, 1)


async def test_it_is_off_by_default(server: Any, vendor: Any) -> None:
    question = unique("What is a limerick")
    async with Api(server.url, server.keys["alice"]) as alice:
        for _ in range(2):
            await ask(alice, question)
    assert count(vendor, question) == 2


@pytest.mark.parametrize(
    "other",
    [{"options": {"temperature": 0.7}}, {"options": {}}, {"options": {"temperature": 0, "max_tokens": 7}}],
)
async def test_what_is_not_the_same_or_wants_chance_is_asked(alice: Api, vendor: Any, other: Any) -> None:
    question = unique("Tell me a story")
    await ask(alice, question)
    await ask(alice, question, **other)
    assert count(vendor, question) == 2


async def test_with_tools_that_may_change_something_nothing_is_repeated(alice: Api, vendor: Any) -> None:
    tool = {
        "name": "book",
        "description": "Books a table.",
        "parameters": {"type": "object", "properties": {}},
    }
    question = unique("Book a table")
    for _ in range(2):
        await ask(alice, question, tools=[tool])
    assert count(vendor, question) == 2


async def test_harmless_tools_run_again_and_the_model_is_not_asked(alice: Api, vendor: Any) -> None:
    question = unique("What is 6 times 7")
    call = ToolCall("calculator", '{"expression": "6 * 7"}')
    vendor.play_in_turn(Script(text="", tools=[call]), Script(text="42."))
    _, first = await ask(alice, question, tools=["calculator"])
    again, repeated = await ask(alice, question, tools=["calculator"])
    results = [part for part in repeated["parts"] if part["type"] == "tool-result"]
    assert first["text"] == repeated["text"] == "42."
    assert len(results) == 1 and len(again["context"]["cached"]) == 2
    assert (count(vendor, question), again["cost"]) == (2, "0")


async def test_it_is_forgotten_after_its_time(caching: Any, alice: Api, vendor: Any) -> None:
    question = unique("What time is it")

    async def asked_anew() -> bool:
        await ask(alice, question)
        return count(vendor, question) >= 2

    await operate(caching, said("user", seconds=1))
    await ask(alice, question)
    assert await eventually(asked_anew)
    await operate(caching, said("user"))


async def test_what_failed_or_broke_off_is_not_kept(alice: Api, vendor: Any) -> None:
    question = unique("Are you there")
    vendor.play(text="Half an", finish="length")
    await ask(alice, question)
    vendor.play(text="Yes.")
    _, answer = await ask(alice, question)
    assert answer["text"] == "Yes."


@pytest.mark.parametrize("stream", [False, True])
async def test_answers_that_nobody_keeps_are_repeated_too_and_say_so(
    alice: Api, caching: Any, vendor: Any, stream: bool
) -> None:
    question = unique("How far is the sun")
    vendor.play(text="Eight minutes.")
    said = [{"role": "user", "content": question}]
    body = {"model": "openai/gpt-fake", "messages": said, "stream": stream, **SAME}
    first, again = [await alice.http.post("/v1/chat/completions", json=body) for _ in range(2)]
    other = await alice.http.post("/v1/chat/completions", json={**body, "temperature": 1})
    async with Api(caching.url, caching.keys["bob"]) as bob:
        his = await bob.http.post("/v1/chat/completions", json=body)
    assert ["X-Parley-Cached" in one.headers for one in (first, again, other, his)] == [
        False,
        True,
        False,
        False,
    ]
    assert all("minutes" in one.text for one in (first, again))
    assert count(vendor, question) == 3
    if not stream:
        assert again.json()["usage"]["total_tokens"] == 0
