"""Breakers: opened by failures in a row, tried by one request of all processes, closed by an answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from providers.breaker import MEMORY, PROBE, Breaker
from providers.shared import Shared
from tests.clients import eventually
from tests.services import free_port
from tests.services import redis as fresh_redis

REF = "openai/m"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(None, threshold=3, seconds=30.0, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(REF)


async def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.answered(REF)
    fail(breaker, 2)
    assert await breaker.ask(REF) == 0
    fail(breaker, 1)
    assert await breaker.ask(REF) == 30.0
    assert await breaker.ask("openai/another") == 0


async def test_single_failures_far_apart_open_nothing(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker, 1)
        clock.now += MEMORY + 1
    assert await breaker.ask(REF) == 0


async def test_half_open_lets_one_through_and_its_answer_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 31
    assert breaker.circuits[REF].state(clock.now) == "half-open"
    assert [await breaker.ask(REF) for _ in range(3)] == [0, PROBE, PROBE]
    breaker.answered(REF)
    assert [await breaker.ask(REF) for _ in range(3)] == [0, 0, 0]


async def test_a_probe_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 31
    assert await breaker.ask(REF) == 0
    fail(breaker, 1)
    assert await breaker.ask(REF) == 30.0


async def test_a_probe_that_was_stopped_leaves_its_turn_to_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 31
    assert await breaker.ask(REF) == 0
    breaker.undecided(REF)
    assert await breaker.ask(REF) == 0


async def test_a_provider_that_asks_for_rest_gets_it_at_once(breaker: Breaker) -> None:
    breaker.failed(REF, retry_after=120.0)
    assert await breaker.ask(REF) == 120.0


# --- over Redis -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with fresh_redis() as url:
        yield url


@pytest.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[Breaker, Breaker]]:
    """Those of two processes."""
    lines = Shared(redis_url), Shared(redis_url)
    await lines[0].run("return redis.call('FLUSHALL')", [])
    yield Breaker(lines[0], threshold=3, seconds=0.3), Breaker(lines[1], threshold=3, seconds=0.3)
    for line in lines:
        await line.close()


async def opened(breaker: Breaker) -> bool:
    await breaker.look()
    circuit = breaker.circuits.get(REF)
    return bool(circuit and circuit.open_until)


async def test_failures_of_all_processes_count_together(pair: Any) -> None:
    first, second = pair
    first.failed(REF)
    second.failed(REF)
    first.failed(REF)
    await eventually(lambda: opened(second))


async def test_only_one_of_all_processes_probes(pair: Any) -> None:
    fail(pair[0], 3)
    for breaker in pair:
        await eventually(lambda breaker=breaker: opened(breaker))
    await asyncio.sleep(0.35)
    answers = [await breaker.ask(REF) for breaker in (*pair, *pair)]
    assert answers.count(0) == 1
    pair[0].answered(REF)

    async def closed() -> bool:
        return not await opened(pair[1])

    await eventually(closed)
    assert await pair[1].ask(REF) == 0


async def test_what_happens_during_a_look_at_the_others_is_not_forgotten(pair: Any) -> None:
    """The look may have been answered before Redis knew of it."""
    breaker = pair[0]
    looking = asyncio.create_task(breaker.look())
    await asyncio.sleep(0)
    breaker.failed(REF, retry_after=120.0)
    await looking
    assert breaker.circuits[REF].open_until
    await eventually(lambda: opened(pair[1]))
    looking = asyncio.create_task(breaker.look())
    await asyncio.sleep(0)
    breaker.answered(REF)
    await looking
    assert REF not in breaker.circuits


async def test_a_process_without_redis_goes_by_what_it_knows() -> None:
    line = Shared(f"redis://127.0.0.1:{free_port()}/0")
    breaker = Breaker(line, threshold=3)
    fail(breaker, 3)
    assert await breaker.ask(REF) > 0
    await line.close()
