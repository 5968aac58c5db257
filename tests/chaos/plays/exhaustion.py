"""Something is used up: disk, descriptors, Redis's memory, PostgreSQL's connections, the right to write."""

import asyncio
import resource
from contextlib import ExitStack

import psycopg

from tests.chaos.plays import fault
from tests.chaos.processes import UNLIMITED
from tests.chaos.stage import Asked, Stage

LEASE = 10  # seconds, as in production
UNAVAILABLE = 503


async def asked_before(stage: Stage, tokens: int = 600) -> Asked:
    asked = await stage.ask(tokens=tokens)
    await asked.shown(0.1)
    asked.strike()
    return asked


async def once(stage: Stage, asked: Asked) -> None:
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")


async def refused_in_words(stage: Stage) -> None:
    """What cannot be stored is refused as a program expects it, and soon."""
    async with stage.api() as api, asyncio.timeout(30):
        response = await api.http.post("/api/sessions/", json={})
    body = response.json() if "json" in response.headers.get("content-type", "") else {}
    fit = response.status_code == UNAVAILABLE and bool(body.get("error", {}).get("code"))
    stage.expect(fit, f"a send was answered with {response.status_code} {response.text[:80]!r}")
    stage.facts["refused"] = body.get("error", {}).get("code")


@fault("the disk is full for 12 s", shape="tight")
async def disk_full(stage: Stage) -> None:
    asked = await asked_before(stage)
    stage.shape.fill()
    await asyncio.sleep(LEASE + 2)
    await refused_in_words(stage)
    stage.shape.empty()
    await once(stage, asked)
    await (await stage.ask(tokens=20)).over()


@fault("PostgreSQL read-only for 13 s, as after a failover to a replica")
async def read_only(stage: Stage) -> None:
    postgres = stage.shape.postgres
    asked = await asked_before(stage)
    postgres.configure(default_transaction_read_only="on")
    await asyncio.sleep(LEASE + 3)
    await refused_in_words(stage)
    postgres.configure()
    await once(stage, asked)


@fault("PostgreSQL's connections used up for 13 s")
async def connections(stage: Stage) -> None:
    postgres = stage.shape.postgres
    asked = await asked_before(stage)
    with ExitStack() as hogs:
        taken = 0
        for turn in range((LEASE + 3) * 5):
            if turn < 10:  # what the processes have open is taken too
                stage.shape.database_line.reset()
            taken += take_all(hogs, postgres.url(postgres.port))
            await asyncio.sleep(0.2)
        await refused_in_words(stage)
    stage.facts["taken"] = taken
    await once(stage, asked)


def take_all(hogs: ExitStack, url: str) -> int:
    taken = 0
    while True:
        try:
            hogs.enter_context(psycopg.connect(url, connect_timeout=5))
        except psycopg.OperationalError:
            return taken
        taken += 1


@fault("file descriptors used up in web processes and workers for 8 s")
async def descriptors(stage: Stage) -> None:
    processes = [*stage.shape.web, *stage.shape.workers]
    asked = await asked_before(stage)
    for process in processes:
        process.limit(resource.RLIMIT_NOFILE, process.descriptors())
    knocking = [asyncio.create_task(knock(stage)) for _ in range(40)]
    await asyncio.sleep(8)
    for process in processes:
        process.limit(resource.RLIMIT_NOFILE, UNLIMITED)
    await asyncio.gather(*knocking, return_exceptions=True)
    await once(stage, asked)
    await (await stage.ask(tokens=20)).over()


async def knock(stage: Stage) -> None:
    async with stage.api() as api, asyncio.timeout(20):
        await api.http.get("/api/sessions/")


@fault("Redis out of memory")
async def redis_memory(stage: Stage) -> None:
    from redis.asyncio import Redis

    asked = await asked_before(stage, tokens=400)
    async with Redis(port=stage.shape.redis_line.target) as redis:
        await redis.config_set("maxmemory", "1mb")  # noeviction is the default: writes are refused
        again = await stage.ask(tokens=40)
        async with stage.api() as api:
            ticket = await api.http.post("/api/ws-ticket/")
        stage.expect(ticket.status_code in (200, 201, UNAVAILABLE), f"a ticket: {ticket.status_code}")
        await again.over()
        await once(stage, asked)
        await redis.config_set("maxmemory", "0")


@fault("Redis fails over to an empty replica at another address")
async def redis_failover(stage: Stage) -> None:
    asked = await asked_before(stage, tokens=400)
    await stage.shape.fail_over()
    again = await stage.ask(tokens=40)
    await again.over()
    await once(stage, asked)
