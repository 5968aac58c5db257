"""The embedded shape: one process, SQLite, nothing beside it."""

import asyncio
import signal

from tests.chaos.plays import fault
from tests.chaos.stage import Stage

WRITERS = 20


@fault("embedded: kill -9 of the server in the middle", shape="embedded")
async def killed(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.5)
    asked.strike()
    await asyncio.to_thread(stage.shape.server.kill)
    await asyncio.to_thread(stage.shape.server.start)
    await asked.over()


@fault("embedded: SIGTERM, which hands over to the next start", shape="embedded")
async def restarted(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.1)
    asked.strike()
    await asyncio.to_thread(stage.shape.server.stop)
    await asyncio.to_thread(stage.shape.server.start)
    await asked.over()


@fault("embedded: SIGSTOP for 20 s, then SIGCONT", shape="embedded")
async def frozen(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.4)
    asked.strike()
    stage.shape.server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(20)
    stage.shape.server.process.send_signal(signal.SIGCONT)
    await asked.over()


@fault("embedded: 20 writers on SQLite", shape="embedded")
async def writers(stage: Stage) -> None:
    asked = await asyncio.gather(*(stage.ask(tokens=100, rate=25, sockets=1) for _ in range(WRITERS)))
    for one in asked:
        await one.over()
    log = stage.shape.server.log.read_text()
    stage.expect("database is locked" not in log, "the database was locked")


@fault("embedded: kill -9 with 20 runs", shape="embedded")
async def killed_with_many(stage: Stage) -> None:
    asked = await asyncio.gather(*(stage.ask(tokens=100, rate=25, sockets=1) for _ in range(WRITERS)))
    for one in asked:
        one.strike()
    await asyncio.to_thread(stage.shape.server.kill)
    await asyncio.to_thread(stage.shape.server.start)
    for one in asked:
        await one.over()
