"""Redis: it may lose everything at any time, and nobody may notice but by the pace."""

import asyncio
import time

from tests.chaos.plays import fault
from tests.chaos.stage import Stage
from tests.clients import eventually

HEARD_AGAIN = 4.0  # seconds after Redis is back; each process asks every second, on a machine that is busy


@fault("Redis killed, restarted empty after 3 s", short=True, counted=("layer_drops",))
async def killed(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.2)
    asked.strike()
    stage.shape.redis.kill()
    await asyncio.sleep(3)
    stage.shape.redis.start()
    began = time.monotonic()
    await eventually(lambda: stage.shape.is_heard(asked.session_id))
    await eventually(stage.shape.workers_hear)
    seconds = time.monotonic() - began
    stage.facts["heard again"] = f"{seconds:.1f} s"
    stage.expect(seconds <= HEARD_AGAIN, f"nobody was heard for {seconds:.1f} s")
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by Redis")
    again = await stage.ask(tokens=20)
    await again.over()


@fault("FLUSHALL")
async def flushed(stage: Stage) -> None:
    from redis.asyncio import Redis

    asked = await stage.ask()
    await asked.shown(0.3)
    asked.strike()
    async with Redis(port=stage.shape.redis_line.target) as redis:
        await redis.flushall()
    again = await stage.ask(tokens=40)
    await asked.over()
    await again.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by Redis")


@fault("Redis stalled for 8 s")
async def stalled(stage: Stage) -> None:
    asked = await stage.ask(tokens=600)
    await asked.shown(0.1)
    asked.strike()
    stage.shape.redis_line.stall()
    await asyncio.sleep(8)
    stage.shape.redis_line.heal()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by Redis")


@fault("Redis slow, with cuts")
async def slow(stage: Stage) -> None:
    line = stage.shape.redis_line
    asked = await stage.ask(tokens=400)
    await asked.shown(0.1)
    asked.strike()
    line.delay = 0.05
    line.slice = 700
    for _ in range(6):
        await asyncio.sleep(1)
        line.reset(share=0.5)
    line.heal()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by Redis")


@fault("Redis killed before the question, back after the answer")
async def absent(stage: Stage) -> None:
    """Queued runs are found by sweeping, viewers are served from the log."""
    asked = await stage.ask(tokens=200)
    await asked.shown(0.1)
    stage.shape.redis.kill()
    asked.strike()
    async with stage.api() as api:
        later = await api.send((await api.session())["id"], "while it is away", model="demo/fast")
        await asked.over()
        run = await api.ended(later["runs"][0]["id"])
    stage.expect(run["status"] == "completed", f"a run that was queued meanwhile is {run['status']}")
    stage.shape.redis.start()
