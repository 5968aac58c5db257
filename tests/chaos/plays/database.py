"""PostgreSQL: while it is away nothing goes on, and nothing is lost."""

import asyncio

import psycopg

from tests.chaos.plays import fault
from tests.chaos.stage import Stage


@fault("PostgreSQL crashed and restarted")
async def crashed(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.2)
    asked.strike()
    await stage.shape.restart_postgres(seconds=2)
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")


@fault("PostgreSQL away for longer than a lease")
async def away(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.2)
    asked.strike()
    await stage.shape.restart_postgres(seconds=15)
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")


@fault("PostgreSQL away when the answer ends")
async def away_at_the_end(stage: Stage) -> None:
    asked = await stage.ask(tokens=80)
    await asked.shown(0.6)
    asked.strike()
    await stage.shape.restart_postgres(seconds=6)
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")


@fault("all connections to PostgreSQL reset, again and again")
async def reset(stage: Stage) -> None:
    asked = [await stage.ask(tokens=300) for _ in range(2)]
    for one in asked:
        await one.shown(0.1)
        one.strike()
    for _ in range(12):
        await asyncio.sleep(0.4)
        stage.shape.database_line.reset()
    for one in asked:
        await one.over()
        stage.expect(await stage.attempts(one) == 1, "a run was paid for twice")


@fault("PostgreSQL stalled for 8 s")
async def stalled(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.2)
    asked.strike()
    stage.shape.database_line.stall()
    await asyncio.sleep(8)
    stage.shape.database_line.heal()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")


@fault("PostgreSQL: a lock on the runs for 13 s, longer than a lease")
async def locked(stage: Stage) -> None:
    postgres = stage.shape.postgres
    asked = await stage.ask(tokens=600)
    await asked.shown(0.1)
    asked.strike()
    with psycopg.connect(postgres.url(postgres.port)) as connection:
        connection.execute("LOCK TABLE chat_run IN ACCESS EXCLUSIVE MODE")
        await asyncio.sleep(13)
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was paid for twice")
