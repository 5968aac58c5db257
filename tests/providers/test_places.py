"""Places at a provider: the same rules in one process and, over Redis, in all of them."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from providers.http import close_client
from providers.limits import Room
from providers.places import Limiter, Place
from providers.routing import Limits
from providers.shared import PATIENCE, PREFIX, Shared, SharedAway
from tests.clients import eventually
from tests.fakes.provider import FakeProvider
from tests.services import free_port
from tests.services import redis as fresh_redis

AGE = """
for _, token in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  redis.call("ZADD", KEYS[1], ARGV[1], token)
end
"""


YOUNGER = "return redis.call('ZCOUNT', KEYS[1], ARGV[1], '+inf')"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with fresh_redis() as url:
        yield url


@pytest.fixture(params=["here", "shared"])
async def limiters(request: Any, redis_url: str) -> AsyncIterator[tuple[Limiter, Limiter]]:
    """Two that have to agree: the same one twice, or two processes' over Redis."""
    if request.param == "here":
        limiter = Limiter(None)
        yield limiter, limiter
        return
    lines = Shared(redis_url), Shared(redis_url)
    await lines[0].run("return redis.call('FLUSHALL')", [])
    yield Limiter(lines[0]), Limiter(lines[1])
    for line in lines:
        await line.close()


async def ahead(place: Place) -> int | None:
    """One question: how many stand before it, None with a place."""
    return await place._enter()


async def until(place: Place, wanted: int | None) -> None:
    """What was told to Redis in passing needs a moment."""

    async def is_so() -> bool:
        return await ahead(place) == wanted

    await eventually(is_so)


async def test_places_are_given_in_the_order_of_coming(limiters: Any) -> None:
    first, second = limiters
    limits = Limits(max_concurrency=1)
    a, b, c = (limiter.place("p", limits, 0) for limiter in (first, second, first))
    assert [await ahead(place) for place in (a, b, c)] == [None, 0, 1]
    a.leave()
    assert await ahead(c) == 1  # the place is kept for b
    await until(b, None)
    b.leave()
    await until(c, None)


async def test_who_leaves_the_queue_makes_the_others_move_up(limiters: Any) -> None:
    first, second = limiters
    limits = Limits(max_concurrency=1)
    a, b, c = (limiter.place("q", limits, 0) for limiter in (first, second, first))
    assert [await ahead(place) for place in (a, b, c)] == [None, 0, 1]
    b.leave()
    await until(c, 0)
    a.leave()
    await until(c, None)


async def test_requests_a_minute_are_counted_across_all(limiters: Any) -> None:
    first, second = limiters
    limits = Limits(requests_per_minute=2)
    given = [await ahead(limiter.place("r", limits, 0)) for limiter in (first, second, first)]
    assert given == [None, None, 0]


async def test_tokens_a_minute_are_announced_and_settled(limiters: Any) -> None:
    first, second = limiters
    limits = Limits(tokens_per_minute=100)
    large, small = first.place("t", limits, 90), second.place("t", limits, 20)
    assert await ahead(large) is None
    assert await ahead(small) == 0
    large.leave(spent=30)
    await until(small, None)


async def test_what_is_larger_than_the_limit_goes_alone(limiters: Any) -> None:
    first, second = limiters
    limits = Limits(tokens_per_minute=100)
    assert await ahead(first.place("u", limits, 1000)) is None
    assert await ahead(second.place("u", limits, 1)) == 0


async def test_a_limit_that_is_raised_lets_those_in_who_wait(limiters: Any) -> None:
    first, second = limiters
    assert await ahead(first.place("v", Limits(max_concurrency=1), 0)) is None
    waiting = second.place("v", Limits(max_concurrency=1), 0)
    assert await ahead(waiting) == 0
    waiting._limits = Limits(max_concurrency=2)
    assert await ahead(waiting) is None


def test_a_minute_later_there_is_room_again() -> None:
    now = 1000.0
    room = Room(clock=lambda: now)
    limits = Limits(requests_per_minute=1)
    assert room.enter("a", limits, 0)[0] is None
    now = 1059.9
    assert room.enter("b", limits, 0)[0] == 0
    now = 1061.0
    assert room.enter("b", limits, 0)[0] is None


# --- Redis itself ---------------------------------------------------------------------------


async def test_a_dead_process_loses_its_places_and_a_living_one_keeps_them(redis_url: str) -> None:
    line = Shared(redis_url)
    living, dead = Limiter(line), Limiter(line)
    limits = Limits(max_concurrency=2)
    assert await ahead(living.place("w", limits, 0)) is None
    assert await ahead(dead.place("w", limits, 0)) is None
    later = int((time.time() - 3600) * 1000)
    await line.run(AGE, ["{w}:places"], later)  # an hour passes
    living.renew()
    await eventually(lambda: line.run(YOUNGER, ["{w}:places"], later + 1))
    third, fourth = living.place("w", limits, 0), living.place("w", limits, 0)
    assert [await ahead(third), await ahead(fourth)] == [None, 0]
    await line.close()


async def test_without_redis_nobody_waits_for_it_and_the_limit_holds_here() -> None:
    line = Shared(f"redis://127.0.0.1:{free_port()}/0")
    limiter = Limiter(line)
    limits = Limits(max_concurrency=1)
    a, b = limiter.place("x", limits, 0), limiter.place("x", limits, 0)
    assert [await ahead(a), await ahead(b)] == [None, 0]
    a.leave()
    assert await ahead(b) is None
    await line.close()


async def test_a_redis_that_hangs_is_given_up_after_a_moment() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    line = Shared(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    asked = 0
    for _ in range(50):  # the first waits for PATIENCE, those after it do not wait at all
        with pytest.raises(SharedAway):
            await line.run("return 1", [])
        asked += 1
    assert asked == 50 and PATIENCE <= 0.2
    await line.close()
    server.close()


async def test_a_place_that_a_stalled_redis_gives_too_late_comes_back(redis_url: str) -> None:
    line, other = Shared(redis_url), Shared(redis_url)
    place = Limiter(line).place("late", Limits(max_concurrency=1), 0)
    await other.run("return redis.call('FLUSHALL')", [])
    async with Redis.from_url(redis_url) as client:
        await client.execute_command("CLIENT PAUSE 700 ALL")
        assert await ahead(place) is None  # by what this process knows
        place.leave()

        async def given_and_returned() -> bool:
            names = [f"{PREFIX}{{late}}:{name}" for name in ("tickets", "places", "queue")]
            return [await client.exists(name) for name in names] == [1, 0, 0]

        await eventually(given_and_returned)
    await line.close()
    await other.close()


async def test_two_processes_together_ask_no_more_at_once_than_is_allowed(
    fake: FakeProvider, redis_url: str
) -> None:
    fake.play(text="Yes.", delay=0.1)
    environment = {**os.environ, "REDIS_URL": redis_url}
    command = [sys.executable, "-m", "tests.providers.asker", fake.base_url, "10", "3"]
    pipes: dict[str, Any] = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    children = [await asyncio.create_subprocess_exec(*command, env=environment, **pipes) for _ in range(2)]
    for child in children:
        assert child.stdout and await child.stdout.readline() == b"ready\n"
    most: list[int] = [0]
    watching = asyncio.create_task(_watch(fake, most))
    answered = [await child.communicate(b"go\n") for child in children]
    watching.cancel()
    assert [int(told) for told, _ in answered] == [10, 10]
    assert len(fake.requests) == 20
    assert most == [3]
    await close_client()


async def _watch(fake: FakeProvider, most: list[int]) -> None:
    """What the provider itself sees going on at once."""
    while True:
        going = sum(1 for request in fake.requests if not request.sent)
        most[0] = max(most[0], going)
        await asyncio.sleep(0.001)
