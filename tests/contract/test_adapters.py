"""What every adapter keeps, whatever its vendor sends and however the bytes are cut."""

import asyncio
from typing import Any

import pytest

from providers import errors
from providers.contract import ProviderConfig
from providers.events import Finish, RunEvent, UsageReport
from providers.registry import adapter_class
from tests.contract.kinds import (
    ALL,
    NETWORKED,
    Kind,
    assert_well_formed,
    collect,
    reasoning_in,
    text_in,
)
from tests.fakes.provider import FakeProvider

TEXT = 'Grüße, 你好 and 👩‍👩‍👧!\r\nA second line\u2028with \\ and "quotes".'
every_kind = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
networked = pytest.mark.parametrize("kind", NETWORKED, ids=lambda kind: kind.name)


@every_kind
async def test_an_answer_is_well_formed_and_whole(fake: FakeProvider, kind: Kind) -> None:
    options = kind.play(fake, {"text": TEXT, "reasoning": "First I think."})
    events = await collect(kind.adapter(fake), kind.request(**options))
    assert_well_formed(events)
    assert text_in(events) == TEXT
    assert reasoning_in(events) == "First I think."
    assert [event.type for event in events[:4:3]] == ["reasoning-start", "text-start"]


@networked
@pytest.mark.parametrize("cut", [1, 2, 3, 7, 64, 1000])
async def test_the_text_is_the_same_at_every_cut(fake: FakeProvider, kind: Kind, cut: int) -> None:
    fake.play(text=TEXT, reasoning="Hm.", cut=cut)
    events = await collect(kind.adapter(fake), kind.request())
    assert_well_formed(events)
    assert text_in(events) == TEXT


@every_kind
async def test_usage_is_reported_before_the_end(fake: FakeProvider, kind: Kind) -> None:
    options = kind.play(fake, {"usage": {"input": 11, "output": 5}})
    events = await collect(kind.adapter(fake), kind.request(**options))
    report = events[-2]
    assert isinstance(report, UsageReport)
    assert report.usage.input_tokens > 0
    assert report.usage.output_tokens > 0


@networked
async def test_no_usage_told_is_no_usage_reported(fake: FakeProvider, kind: Kind) -> None:
    fake.play(usage=None)
    events = await collect(kind.adapter(fake), kind.request())
    assert_well_formed(events)
    assert not any(isinstance(event, UsageReport) for event in events)


@networked
async def test_an_empty_answer_is_an_answer(fake: FakeProvider, kind: Kind) -> None:
    fake.play(text="")
    events = await collect(kind.adapter(fake), kind.request())
    assert_well_formed(events)
    assert text_in(events) == ""


@networked
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("refusal", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("tool_use", "tool_calls"),
        ("something_new", "other"),
    ],
)
async def test_the_reason_of_the_end_is_told(fake: FakeProvider, kind: Kind, word: str, reason: str) -> None:
    fake.play(finish=word)
    finish = (await collect(kind.adapter(fake), kind.request()))[-1]
    assert isinstance(finish, Finish)
    assert finish.raw_reason == word
    assert finish.reason in (reason, "other")


@networked
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.ProviderRefused),
        (401, errors.ProviderKeyRejected),
        (403, errors.ProviderKeyRejected),
        (404, errors.ModelNotFound),
        (408, errors.ProviderTimeout),
        (422, errors.ProviderRefused),
        (429, errors.ProviderRateLimited),
        (500, errors.ProviderFailed),
        (503, errors.ProviderFailed),
        (529, errors.ProviderFailed),
    ],
)
async def test_every_status_has_its_error(
    fake: FakeProvider, kind: Kind, status: int, error: type[errors.ProviderError]
) -> None:
    fake.play(status=status, headers={"retry-after": "7"})
    with pytest.raises(errors.ProviderError) as caught:
        await collect(kind.adapter(fake), kind.request())
    assert type(caught.value) is error
    assert caught.value.upstream_status == status
    assert caught.value.retry_after == 7.0
    assert caught.value.provider == kind.name
    assert "raw upstream words" in caught.value.detail
    assert "raw upstream words" not in str(caught.value)
    assert len(fake.requests) == 1, "an adapter makes no second attempt"


@networked
@pytest.mark.parametrize("body", [{"detail": "no"}, {"error": {"message": "no", "code": 401}}, ["no"], "no"])
async def test_a_refusal_can_have_any_body(fake: FakeProvider, kind: Kind, body: Any) -> None:
    fake.play(status=401, body=body)
    with pytest.raises(errors.ProviderKeyRejected):
        await collect(kind.adapter(fake), kind.request())


@networked
async def test_a_redirect_is_not_followed(fake: FakeProvider, kind: Kind) -> None:
    fake.play(status=302, headers={"location": f"{fake.root_url}/elsewhere"})
    with pytest.raises(errors.ProviderError):
        await collect(kind.adapter(fake), kind.request())
    assert len(fake.requests) == 1


@networked
async def test_nobody_listening_is_unreachable(fake: FakeProvider, kind: Kind) -> None:
    adapter = kind.adapter(fake)
    await fake.stop()
    with pytest.raises(errors.ProviderUnreachable):
        await collect(adapter, kind.request())


@every_kind
async def test_what_came_before_a_break_is_shown(fake: FakeProvider, kind: Kind) -> None:
    options = kind.play(fake, {"text": "One two three", "rate": 100, "break_after": 2})
    events: list[RunEvent] = []
    with pytest.raises((errors.StreamBroken, errors.ProviderFailed)) as caught:
        await collect(kind.adapter(fake), kind.request(**options), events)
    assert caught.value.provider == kind.name
    assert "One two three".startswith(text_in(events))
    assert not any(isinstance(event, Finish) for event in events)


@networked
async def test_silence_after_some_text_times_out(fake: FakeProvider, kind: Kind) -> None:
    fake.play(text="One two three", stall_after=2)
    events: list[RunEvent] = []
    with pytest.raises(errors.ProviderTimeout):
        await collect(kind.adapter(fake, between_tokens=0.3), kind.request(), events)
    assert text_in(events) == "One two "
    await asyncio.wait_for(fake.requests[0].closed.wait(), 30)


@networked
async def test_silence_before_the_first_token_times_out(fake: FakeProvider, kind: Kind) -> None:
    fake.play(stall_after=0)
    with pytest.raises(errors.ProviderTimeout):
        await collect(kind.adapter(fake, first_token=0.3), kind.request())
    await asyncio.wait_for(fake.requests[0].closed.wait(), 30)


@networked
async def test_closing_the_stream_closes_the_upstream(fake: FakeProvider, kind: Kind) -> None:
    fake.play(text="word " * 1000, rate=50)
    stream: Any = kind.adapter(fake).stream(kind.request())
    async for event in stream:
        if event.type == "text-delta":
            break
    await stream.aclose()
    await asyncio.wait_for(fake.requests[0].closed.wait(), 30)
    assert len(fake.requests[0].sent) < 5000


@networked
@pytest.mark.parametrize("stalls_at", [0, 3])
async def test_cancelling_closes_the_upstream(fake: FakeProvider, kind: Kind, stalls_at: int) -> None:
    fake.play(text="word " * 10, stall_after=stalls_at)
    task = asyncio.create_task(collect(kind.adapter(fake), kind.request()))
    await asyncio.wait_for(fake.asked.wait(), 30)
    await asyncio.sleep(0.1)  # into the answer, or what there is of it
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(fake.requests[0].closed.wait(), 30)


async def test_cancelling_the_demo_stops_it(fake: FakeProvider) -> None:
    [demo] = [kind for kind in ALL if kind not in NETWORKED]
    task = asyncio.create_task(collect(demo.adapter(fake), demo.request(script=[{"wait": 600}])))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@networked
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"data: {",
        b"data: {]\n\n",
        b"data: 7\n\n",
        b"<html>busy</html>",
        b'{"error": "x"}',
        b"data: {}\n\n",
    ],
)
async def test_a_malformed_stream_is_broken(fake: FakeProvider, kind: Kind, raw: bytes) -> None:
    fake.play(raw=raw)
    with pytest.raises(errors.StreamBroken):
        await collect(kind.adapter(fake), kind.request())


@every_kind
async def test_the_models_are_listed(fake: FakeProvider, kind: Kind) -> None:
    offered = await kind.adapter(fake).models()
    assert kind.model in [model.id for model in offered]


@networked
async def test_a_listing_that_is_none_is_an_error(fake: FakeProvider, kind: Kind) -> None:
    fake.play(raw=b"<html>hello</html>")
    with pytest.raises(errors.ProviderError):
        await kind.adapter(fake).models()


@networked
async def test_a_connection_is_used_again(fake: FakeProvider, kind: Kind) -> None:
    adapter = kind.adapter(fake)
    for _ in range(3):
        await collect(adapter, kind.request())
    assert len(fake.requests) == 3
    assert fake.connections == 1


@every_kind
async def test_many_answers_at_once_do_not_mix(fake: FakeProvider, kind: Kind) -> None:
    options = kind.play(fake, {"text": "one two three four", "rate": 200})
    adapter = kind.adapter(fake)
    answers = await asyncio.gather(*(collect(adapter, kind.request(**options)) for _ in range(20)))
    assert {text_in(events) for events in answers} == {"one two three four"}


def test_making_an_adapter_needs_no_key_and_no_loop() -> None:
    for kind in ALL:
        adapter_class(kind.name)(ProviderConfig(provider_id="p", kind=kind.name))
