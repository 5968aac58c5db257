"""Asking from Python programs: both manners, the page's examples, and what goes wrong."""

import asyncio
import re
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from providers.direct import chat, stream_chat
from providers.errors import ProviderError, UnknownProvider
from providers.http import close_client
from providers.registration import register_provider
from providers.switchboard import close_switchboard
from tests.fakes.provider import FakeProvider
from tests.fakes.threaded import ThreadedFakeProvider

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"
MODEL = "local/qwen3"
PRICED = {"name": "qwen3", "input_price": "1", "output_price": "2"}


@pytest.fixture
def fake() -> Any:
    """A provider that is set up, on a thread of its own: half of these programs have no loop."""
    with ThreadedFakeProvider() as fake:
        fake.play(text="Hello there.")
        register_provider("local", "openai-compatible", base_url=fake.base_url, models=[PRICED])  # type: ignore[list-item]
        yield fake


async def tidy() -> None:
    await close_client()
    await close_switchboard()


def test_a_whole_answer_without_a_loop(fake: FakeProvider) -> None:
    answer = chat("Hi", model=MODEL, system="Be brief.", max_tokens=5).result()
    assert (answer.text, answer.provider, answer.model) == ("Hello there.", "local", "qwen3")
    assert (answer.finish_reason, answer.usage.total_tokens) == ("stop", 10)
    assert answer.cost == Decimal("0.000013")
    [request] = fake.requests
    assert request.body["max_tokens"] == 5 or request.body["max_completion_tokens"] == 5
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]


async def test_both_manners_tell_the_same(fake: FakeProvider) -> None:
    stream = stream_chat("Hi", model=MODEL)
    told = [event async for event in stream]
    waited = await chat("Hi", model=MODEL)
    await tidy()
    plain = await asyncio.to_thread(lambda: list(stream_chat("Hi", model=MODEL)))
    assert _kinds(told) == _kinds(plain) == ["text-start", "text-delta", "text-end", "usage", "finish"]
    assert told[-1].type == "finish"
    assert stream.answer and stream.answer.text == waited.text == "Hello there."


def _kinds(events: list[Any]) -> list[str]:
    """The types in order. In how many deltas a text comes is up to the moments at which it arrives."""
    return [kind for kind, _ in groupby(event.type for event in events)]


def test_leaving_a_stream_hangs_up(fake: FakeProvider) -> None:
    fake.play(pieces=["x "] * 1000, rate=100)
    events = iter(stream_chat("Hi", model=MODEL))
    while next(events).type != "text-delta":
        pass
    events.close()  # type: ignore[attr-defined]
    asyncio.run(_hung_up(fake))


async def _hung_up(fake: FakeProvider) -> None:
    async with asyncio.timeout(30):
        while fake.requests[0].closed_at is None:  # noqa: ASYNC110 - on another thread's loop
            await asyncio.sleep(0.01)


def test_what_goes_wrong_is_told_in_both_manners(fake: FakeProvider) -> None:
    fake.play(status=401)
    with pytest.raises(ProviderError) as caught:
        chat("Hi", model=MODEL).result()
    assert caught.value.code == "provider_key_rejected"
    with pytest.raises(UnknownProvider):
        list(stream_chat("Hi", model="no/such"))
    with pytest.raises(ValueError, match=r"messages\.1"):
        chat([{"role": "user", "content": "Hi"}, {"role": "robot", "content": "Hi"}], model=MODEL)


async def test_the_plain_manner_is_refused_where_a_loop_runs(fake: FakeProvider) -> None:
    with pytest.raises(RuntimeError, match="a loop is running"):
        chat("Hi", model=MODEL).result()


def test_the_pages_examples_run(fake: FakeProvider, capsys: pytest.CaptureFixture[str]) -> None:
    [example] = [
        code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "stream_chat" in code
    ]
    names: dict[str, Any] = {}
    exec(compile(example, str(PAGE), "exec"), names)
    asyncio.run(names["main"]())
    assert capsys.readouterr().out.count("Hello there.") == 4
