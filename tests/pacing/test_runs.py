"""The pace of an answer that is kept: asked for with the message, told in the log."""

import uuid
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.errors import Invalid
from chat.pacing.merging import prioritised
from chat.pacing.paces import Buffered, Standard
from chat.pacing.pacing import at_pace, paced
from chat.pacing.registry import _registered, register_pace
from chat.pacing.wishes import PaceWish, checked_pace, kept_pace
from providers import events as e
from providers.errors import ProviderError
from providers.events import RunEvent
from providers.folding import fold_all, merge_deltas
from tests.clients import Api
from tests.dialects.answers import answers

TEXT = "One sentence. Another one! 你好。 A family: 👩‍👩‍👧, and\n\na paragraph with more words."
SETTINGS = st.builds(
    PaceWish,
    name=st.sampled_from(["standard", "buffered", "chunked", "priority"]),
    buffer_size=st.integers(1, 40),
    flush_interval=st.floats(0.001, 60),
    chunk_size=st.integers(1, 9),
    chunk_by=st.sampled_from(["", "word", "sentence", "paragraph"]),
)


async def deltas(api: Any, text: str, **fields: Any) -> list[str]:
    session = await api.session(model="openai/gpt-fake")
    body = {"client_id": uuid.uuid4().hex, "text": text, **fields}
    sent = await api.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
    assert sent.status_code == 201, sent.text
    path = f"/api/runs/{sent.json()['runs'][0]['id']}/events/"
    answer = await api.http.get(path, headers={"Accept": "text/event-stream"})
    lines = (line.removeprefix("data: ") for line in answer.text.split("\n") if line.startswith("data: "))
    told = [e.decode_event(line) for line in lines]
    assert isinstance(told[-1], e.Finish)
    return [event.delta for event in told if isinstance(event, e.TextDelta)]


@pytest.mark.parametrize(
    "pace",
    [
        "standard",
        "buffered",
        "priority",
        {"name": "buffered", "buffer_size": 10, "flush_interval": 5},
        {"name": "chunked", "chunk_size": 3},
        {"name": "chunked", "chunk_by": "sentence"},
    ],
)
async def test_the_kept_text_is_the_same_at_every_pace(server: Any, vendor: Any, pace: Any) -> None:
    vendor.play(pieces=list(TEXT))
    async with Api(server.url, server.keys["alice"]) as alice:
        assert "".join(await deltas(alice, "hello", pace=pace)) == TEXT


async def test_sentences_are_logged_as_they_are_cut(server: Any, vendor: Any) -> None:
    vendor.play(pieces=list("One. Two! Three"), rate=20)
    async with Api(server.url, server.keys["alice"]) as alice:
        told = await deltas(alice, "hello", pace={"name": "chunked", "chunk_by": "sentence"})
    assert told[-1] == "Three"
    assert "".join(told) == "One. Two! Three"


@pytest.mark.parametrize(
    ("pace", "code", "field"),
    [
        ("wild", "unknown_pace", "pace"),
        ({"name": "interleaved"}, "unknown_pace", "pace"),
        ({"name": "chunked", "chunk_size": 0}, "invalid", "pace.chunk_size"),
        ({"name": "chunked", "chunk_by": "page"}, "invalid", "pace.chunk_by"),
        ({"name": "buffered", "flush_interval": -1}, "invalid", "pace.flush_interval"),
        ({"name": "buffered", "sixe": 3}, "invalid", "pace"),
        (7, "invalid", "pace"),
    ],
)
async def test_a_pace_that_is_not_there_is_refused(server: Any, pace: Any, code: str, field: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        body = {"client_id": "1", "text": "hello", "pace": pace}
        refused = await alice.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
    assert refused.status_code == 400
    assert (refused.json()["error"]["code"], refused.json()["error"]["field"]) == (code, field)


@settings(max_examples=60, deadline=None)
@given(answer=answers(), wish=SETTINGS)
async def test_an_answer_is_the_same_at_every_pace_and_setting(
    answer: list[RunEvent], wish: PaceWish
) -> None:
    kept = checked_pace(wish)
    assert kept is None or kept_pace(kept) == wish

    async def told() -> AsyncGenerator[RunEvent, None]:
        for event in answer:
            yield event

    shown = [event async for event in at_pace(told(), wish.name, wish)]

    def key(part: object) -> tuple[str, str]:
        return type(part).__name__, getattr(part, "id", "")

    one, other = (fold_all((), merge_deltas(events)) for events in (shown, answer))
    assert sorted(one, key=key) == sorted(other, key=key)


def test_a_pace_of_ones_own_is_known_by_its_name() -> None:
    with pytest.raises(Invalid):
        checked_pace("my-own")
    register_pace("my-own", lambda settings: Standard())
    try:
        assert checked_pace("my-own") == {"name": "my-own"}
    finally:
        del _registered["my-own"]


@pytest.mark.parametrize("make", [prioritised, lambda events: paced(events, Buffered(1024, 60))])
async def test_a_failure_comes_after_what_was_said_before_it(make: Any) -> None:
    async def told() -> AsyncGenerator[RunEvent, None]:
        yield e.TextDelta(part_id="t", delta="said")
        raise ProviderError("over")

    shown = []
    with pytest.raises(ProviderError):
        async for event in make(told()):
            shown.append(event)  # noqa: PERF401 - what came before the failure counts
    assert shown == [e.TextDelta(part_id="t", delta="said")]
