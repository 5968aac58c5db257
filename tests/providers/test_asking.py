"""One answer from several providers: retries, fallbacks, races, places and breakers, over real TCP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from random import Random
from typing import Any

import pytest

from providers.asking import Asking
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Timeouts
from providers.errors import InvalidOptions, ProviderBusy, ProviderError, ProviderPaused
from providers.events import Fallback, Finish, Progress, Retry, RunEvent, TextDelta
from providers.http import close_client
from providers.parts import TextPart
from providers.routing import Candidate, Limits, Plan, Strategy
from providers.secrets import Secret
from providers.switchboard import close_switchboard, switchboard
from tests.clients import eventually
from tests.fakes.provider import FakeProvider
from tests.services import free_port

REQUEST = ChatRequest(model="", messages=(ChatMessage(role="user", parts=(TextPart(text="Hello"),)),))
FALLBACK = ("fallback", "a/m", "b/m")


@pytest.fixture
async def fakes() -> AsyncIterator[tuple[FakeProvider, FakeProvider]]:
    async with AsyncExitStack() as stack:
        pair = [await stack.enter_async_context(FakeProvider()) for _ in range(2)]
        pair[0].play(text="I am A.")
        pair[1].play(text="I am B.")
        yield pair[0], pair[1]
        await close_client()
        await close_switchboard()


def candidate(
    name: str, url: str, *, first_token: float = 120.0, connect: float = 2.0, **more: Any
) -> Candidate:
    timeouts = Timeouts(connect=connect, first_token=first_token)
    config = ProviderConfig(
        provider_id=name, kind="openai", base_url=url, api_key=Secret("sk"), timeouts=timeouts
    )
    return Candidate(config=config, model="m", **more)


def plan(
    *fakes: FakeProvider, strategy: Strategy = "priority", hedge_after: float = 0.1, **more: Any
) -> Plan:
    names = zip("ab", fakes, strict=False)
    candidates = tuple(candidate(name, fake.base_url, **more) for name, fake in names)
    return Plan(candidates=candidates, strategy=strategy, hedge_after=hedge_after)


async def collect(asking: Asking, into: list[RunEvent] | None = None) -> list[RunEvent]:
    """All events; with `into`, also those that came before an error."""
    events: list[RunEvent] = [] if into is None else into
    async for event in asking.events():
        events.append(event)  # noqa: PERF401 - what came before an error is wanted
    return events


def text_in(events: list[RunEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextDelta))


def told(events: list[RunEvent]) -> list[tuple[Any, ...]]:
    """What was said beside the answer."""
    said: list[tuple[Any, ...]] = []
    for event in events:
        if isinstance(event, Retry):
            said.append(("retry", event.attempt, event.reason))
        if isinstance(event, Fallback):
            said.append(("fallback", event.from_, event.to))
    return said


def steps(asking: Asking) -> list[tuple[str, str, str]]:
    return [(step.provider, step.outcome, step.code) for step in asking.steps]


async def test_an_answer_whose_reader_leaves_with_its_last_event_is_an_answer(fakes: Any) -> None:
    asking = Asking(plan(fakes[0]), REQUEST)
    switchboard().breaker.failed("a/m")
    async with aclosing(asking.events()) as events:  # type: ignore[type-var]
        async for event in events:
            if isinstance(event, Finish):
                break
    assert steps(asking) == [("a", "answered", "")]
    assert "a/m" not in switchboard().breaker.circuits


async def test_the_first_candidate_answers_and_nobody_else_is_asked(fakes: Any) -> None:
    asking = Asking(plan(*fakes), REQUEST)
    events = await collect(asking)
    assert (text_in(events), told(events)) == ("I am A.", [])
    assert [len(fake.requests) for fake in fakes] == [1, 0]
    assert steps(asking) == [("a", "answered", "")]
    assert asking.usage and asking.usage.output_tokens == 3


async def test_a_429_is_tried_again_as_often_as_is_set_and_then_the_next_answers(fakes: Any) -> None:
    fakes[0].play(status=429, headers={"retry-after": "0"})
    asking = Asking(plan(*fakes), REQUEST, rng=Random(1))
    events = await collect(asking)
    limited = "provider_rate_limited"
    assert told(events) == [("retry", 2, limited), ("retry", 3, limited), FALLBACK]
    assert text_in(events) == "I am B."
    assert [len(fake.requests) for fake in fakes] == [3, 1]
    assert steps(asking) == [("a", "failed", limited)] * 3 + [("b", "answered", "")]


async def test_a_wait_that_is_too_long_is_not_waited_for(fakes: Any) -> None:
    fakes[0].play(status=429, headers={"retry-after": "3600"})
    events = await collect(Asking(plan(*fakes), REQUEST))
    assert told(events) == [FALLBACK]
    assert [len(fake.requests) for fake in fakes] == [1, 1]
    assert await switchboard().breaker.ask("a/m") > 0  # and it is left alone meanwhile


@pytest.mark.parametrize("status", [401, 402, 403, 404])
async def test_what_only_this_provider_lacks_goes_to_the_next_without_a_second_try(
    fakes: Any, status: int
) -> None:
    fakes[0].play(status=status)
    events = await collect(Asking(plan(*fakes), REQUEST))
    assert told(events) == [FALLBACK]
    assert [len(fake.requests) for fake in fakes] == [1, 1]


async def test_a_request_that_is_wrong_ends_there(fakes: Any) -> None:
    fakes[0].play(status=422)
    with pytest.raises(ProviderError):
        await collect(Asking(plan(*fakes), REQUEST))
    assert [len(fake.requests) for fake in fakes] == [1, 0]


async def test_a_provider_that_is_not_there_is_replaced(fakes: Any) -> None:
    gone = candidate("a", f"http://127.0.0.1:{free_port()}/v1", max_retries=1)
    both = Plan(candidates=(gone, candidate("b", fakes[1].base_url)))
    events = await collect(Asking(both, REQUEST, rng=Random(1)))
    assert told(events) == [("retry", 2, "provider_unreachable"), FALLBACK]
    assert text_in(events) == "I am B."


async def test_silence_costs_the_set_time_once(fakes: Any) -> None:
    fakes[0].play(text="never", stall_after=0)
    events = await collect(Asking(plan(*fakes, first_token=2), REQUEST))
    assert told(events) == [FALLBACK]
    assert [len(fake.requests) for fake in fakes] == [1, 1]
    await asyncio.wait_for(fakes[0].requests[0].closed.wait(), 60)


async def test_after_the_first_token_nobody_else_is_asked(fakes: Any) -> None:
    fakes[0].play(pieces=["one ", "two ", "three"], break_after=2)
    asking = Asking(plan(*fakes), REQUEST)
    events: list[RunEvent] = []
    with pytest.raises(ProviderError):
        await collect(asking, events)
    assert text_in(events) == "one two "
    assert [len(fake.requests) for fake in fakes] == [1, 0]
    assert steps(asking) == [("a", "failed", "provider_stream_broken")]


async def test_when_all_fail_the_last_error_is_told(fakes: Any) -> None:
    fakes[0].play(status=503)
    fakes[1].play(status=401)
    asking = Asking(plan(*fakes, max_retries=0), REQUEST)
    with pytest.raises(ProviderError) as caught:
        await collect(asking)
    assert caught.value.code == "provider_key_rejected"
    assert [step[:2] for step in steps(asking)] == [("a", "failed"), ("b", "failed")]


# --- races ----------------------------------------------------------------------------------


async def test_the_first_token_wins_a_race_and_the_loser_is_hung_up_on(fakes: Any) -> None:
    fakes[0].play(text="late", delay=600)
    asking = Asking(plan(*fakes, strategy="race"), REQUEST)
    events = await collect(asking)
    assert text_in(events) == "I am B."
    assert told(events) == [FALLBACK]
    await asyncio.wait_for(fakes[0].requests[0].closed.wait(), 60)
    lost = next(step for step in asking.steps if step.outcome == "lost")
    assert lost.provider == "a" and lost.usage and lost.usage.estimated and lost.usage.input_tokens


async def test_a_quick_first_one_keeps_the_others_from_starting(fakes: Any) -> None:
    events = await collect(Asking(plan(*fakes, strategy="race", hedge_after=60), REQUEST))
    assert text_in(events) == "I am A."
    assert len(fakes[1].requests) == 0


async def test_a_racer_that_fails_makes_the_next_one_start_at_once(fakes: Any) -> None:
    fakes[0].play(status=500)
    racing = plan(*fakes, strategy="race", hedge_after=600)
    events = await collect(Asking(racing, REQUEST))
    assert [len(fake.requests) for fake in fakes] == [1, 1]
    assert told(events) == [FALLBACK]
    assert [e.reason for e in events if isinstance(e, Fallback)] == ["provider_failed"]


async def test_the_winner_of_a_race_is_read_to_its_end(fakes: Any) -> None:
    pieces = [f"{n} " for n in range(3000)]
    fakes[0].play(text="late", delay=600)
    fakes[1].play(pieces=pieces)
    events = await collect(Asking(plan(*fakes, strategy="race"), REQUEST))
    assert text_in(events) == "".join(pieces)


# --- stopping -------------------------------------------------------------------------------


async def stopped(asking: Asking, when: asyncio.Event) -> None:
    task = asyncio.create_task(collect(asking))
    await asyncio.wait_for(when.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("strategy", ["priority", "race"])
async def test_a_stop_before_the_first_token_hangs_up(fakes: Any, strategy: Strategy) -> None:
    fakes[0].play(text="late", delay=600)
    asking = Asking(plan(fakes[0], strategy=strategy), REQUEST)
    await stopped(asking, fakes[0].asked)
    await asyncio.wait_for(fakes[0].requests[0].closed.wait(), 60)
    assert [step[1] for step in steps(asking)] == ["cancelled"]


async def test_a_stop_while_it_connects_hangs_up() -> None:
    came, left = asyncio.Event(), asyncio.Event()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        while await reader.read(1000):  # a greeting of TLS that nobody answers
            pass
        left.set()
        writer.close()

    async with await asyncio.start_server(silence, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        asking = Asking(Plan(candidates=(candidate("a", url, connect=60.0),)), REQUEST)
        await stopped(asking, came)
        await asyncio.wait_for(left.wait(), 60)
    assert [step[1] for step in steps(asking)] == ["cancelled"]
    await close_client()
    await close_switchboard()


async def test_a_stop_of_a_race_hangs_up_on_everybody(fakes: Any) -> None:
    for fake in fakes:
        fake.play(text="late", delay=600)
    asking = Asking(plan(*fakes, strategy="race"), REQUEST)
    await stopped(asking, fakes[1].asked)
    for fake in fakes:
        await asyncio.wait_for(fake.requests[0].closed.wait(), 60)


async def test_a_stop_while_it_waits_to_try_again_ends_it_at_once(fakes: Any) -> None:
    fakes[0].play(status=429, headers={"retry-after": "9"})
    waiting = asyncio.Event()

    async def read() -> None:
        async for event in Asking(plan(fakes[0]), REQUEST).events():
            if isinstance(event, Retry):
                waiting.set()

    task = asyncio.create_task(read())
    await asyncio.wait_for(waiting.wait(), 60)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=60)
    assert done and task.cancelled()
    assert len(fakes[0].requests) == 1


# --- places ---------------------------------------------------------------------------------


async def test_no_more_are_asked_at_once_than_are_allowed_and_all_get_their_turn(fakes: Any) -> None:
    fakes[0].play(text="Yes.", delay=0.05)
    one = plan(fakes[0], limits=Limits(max_concurrency=2))
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, switchboard().busy("a"))
            await asyncio.sleep(0.002)

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(*(collect(Asking(one, REQUEST)) for _ in range(8)))
    watching.cancel()
    assert [text_in(events) for events in answers] == ["Yes."] * 8
    assert most == 2


async def test_who_waits_is_told_how_many_are_ahead(fakes: Any) -> None:
    fakes[0].play(text="Yes.", delay=0.2)
    one = plan(fakes[0], limits=Limits(max_concurrency=1))
    answers = await asyncio.gather(*(collect(Asking(one, REQUEST)) for _ in range(3)))
    ahead = [[event.total for event in events if isinstance(event, Progress)] for events in answers]
    assert ahead == [[], [0], [1, 0]]


async def test_a_full_provider_is_waited_for_as_long_as_is_set_and_then_the_next_answers(
    fakes: Any, settings: Any
) -> None:
    settings.PROVIDER_QUEUE_SECONDS = 0.2
    fakes[0].play(text="long", delay=600)
    limits = Limits(max_concurrency=1)
    holder = asyncio.create_task(collect(Asking(plan(fakes[0], limits=limits), REQUEST)))
    await fakes[0].asked.wait()
    asking = Asking(plan(*fakes, limits=limits), REQUEST)
    events = await collect(asking)
    assert told(events) == [FALLBACK] and text_in(events) == "I am B."
    assert steps(asking)[0] == ("a", "skipped", "provider_busy")
    with pytest.raises(ProviderBusy):
        await collect(Asking(plan(fakes[0], limits=limits), REQUEST))
    assert len(fakes[0].requests) == 1
    holder.cancel()


async def test_who_stops_waiting_leaves_the_queue_to_the_others(fakes: Any) -> None:
    async def two_wait() -> bool:
        return switchboard().limiter.waiting["a"] == 2

    fakes[0].play(text="Yes.", delay=1)
    one = plan(fakes[0], limits=Limits(max_concurrency=1))
    first = asyncio.create_task(collect(Asking(one, REQUEST)))
    await fakes[0].asked.wait()
    second = asyncio.create_task(collect(Asking(one, REQUEST)))
    third = asyncio.create_task(collect(Asking(one, REQUEST)))
    await eventually(two_wait)
    second.cancel()
    assert text_in(await first) == text_in(await third) == "Yes."
    assert second.cancelled() and len(fakes[0].requests) == 2
    room = switchboard().limiter.rooms["a"]
    assert not room.queue and not room.taken and switchboard().limiter.waiting["a"] == 0


# --- breakers -------------------------------------------------------------------------------


async def test_a_model_that_keeps_failing_is_left_alone_until_one_probe_succeeds(
    fakes: Any, settings: Any
) -> None:
    settings.PROVIDER_FAILURES = 2
    fakes[0].play(status=500)
    one = plan(fakes[0], max_retries=0)
    for _ in range(2):
        with pytest.raises(ProviderError):
            await collect(Asking(one, REQUEST))
    with pytest.raises(ProviderPaused):
        await collect(Asking(one, REQUEST))
    assert len(fakes[0].requests) == 2
    switchboard().breaker.circuits["a/m"].open_until = 1e-9  # long ago
    fakes[0].play(text="Back.", delay=1)
    fakes[0].asked.clear()
    probe = asyncio.create_task(collect(Asking(one, REQUEST)))
    await fakes[0].asked.wait()
    with pytest.raises(ProviderPaused):
        await collect(Asking(one, REQUEST))
    assert text_in(await probe) == "Back."
    assert text_in(await collect(Asking(one, REQUEST))) == "Back."
    assert len(fakes[0].requests) == 4


async def test_a_callers_mistakes_do_not_open_the_breaker(fakes: Any, settings: Any) -> None:
    settings.PROVIDER_FAILURES = 1
    fakes[0].play(status=422)
    for _ in range(3):
        with pytest.raises(ProviderError) as caught:
            await collect(Asking(plan(fakes[0]), REQUEST))
        assert not isinstance(caught.value, ProviderPaused | InvalidOptions)
    assert len(fakes[0].requests) == 3
