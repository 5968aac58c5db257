"""Processes that are killed, frozen, asked to go, or all of it at once."""

import asyncio
from typing import Any

from tests.chaos.plays import fault
from tests.chaos.processes import Process
from tests.chaos.stage import Asked, Stage
from tests.chaos.viewers import SocketViewer

SEAMLESS = 3.0  # seconds that viewers may see nothing new while a web process restarts
SERVICE_RESTART = 1012
ACCEPTS_PREFIX = """
import django
django.setup()
from providers.models import Provider
openai = Provider.objects.get(id="openai")
openai.extra = {**openai.extra, "accepts_prefix": True}
openai.save()
"""


async def kill_runner(stage: Stage, asked: Asked) -> None:
    owner: Process = await stage.shape.owner(asked.run_id)
    asked.strike()
    owner.kill()


@fault("kill -9 of the worker at the first event")
async def first_event(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0)
    await kill_runner(stage, asked)
    await asked.over()


@fault("kill -9 of the worker in the middle", short=True, counted=("takeovers attempt lost",))
async def middle(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.5)
    await kill_runner(stage, asked)
    await asked.over()


@fault("kill -9 of the worker at the last event")
async def last_event(stage: Stage) -> None:
    asked = await stage.ask(tokens=60)
    owner: Process = await stage.shape.owner(asked.run_id)
    await asked.sent()
    asked.strike()
    owner.kill()
    await asked.over()


@fault("kill -9 of the other worker")
async def other_worker(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.3)
    spare: Process = await stage.shape.spare(asked.run_id)
    asked.strike()
    spare.kill()
    await asked.over()
    stage.expect(
        await stage.attempts(asked) == 1, "a run was disturbed by a worker that it has nothing to do with"
    )


@fault("kill -9 of a web process", short=True)
async def one_web(stage: Stage) -> None:
    asked = await stage.ask(sockets=4, streams=2)
    await asked.shown(0.3)
    asked.strike()
    stage.shape.web[0].kill()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by a web process")


@fault("kill -9 of both web processes, back after 1 s")
async def both_web(stage: Stage) -> None:
    asked = await stage.ask(tokens=400, sockets=3)
    await asked.shown(0.2)
    asked.strike()
    for web in stage.shape.web:
        web.kill()
    await asyncio.sleep(1)
    for web in stage.shape.web:
        web.start()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by the web processes")


@fault("kill -9 of everything at once")
async def everything(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.5)
    asked.strike()
    for process in stage.shape.processes:
        process.kill()
    await stage.shape.restart_postgres()
    for process in stage.shape.processes:
        process.start()
    await asked.over()


@fault("SIGSTOP of the worker for 20 s, then SIGCONT")
async def frozen_worker(stage: Stage) -> None:
    asked = await stage.ask()
    await asked.shown(0.4)
    owner: Process = await stage.shape.owner(asked.run_id)
    asked.strike()
    owner.freeze()
    await asyncio.sleep(20)
    owner.wake()
    await asked.over()
    again = await stage.ask(tokens=20)  # the one that was frozen is of use again
    await again.over()


@fault("SIGSTOP of a web process for 20 s, then SIGCONT")
async def frozen_web(stage: Stage) -> None:
    asked = await stage.ask(tokens=400, sockets=3)
    await asked.shown(0.1)
    asked.strike()
    stage.shape.web[0].freeze()
    await asyncio.sleep(20)
    stage.shape.web[0].wake()
    await asked.over()
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by a web process")


@fault("SIGTERM of a web process", short=True)
async def leaving_web(stage: Stage) -> None:
    asked = await stage.ask(tokens=240, sockets=4, streams=2)
    await asked.shown(0.3)
    asked.strike()
    leaving: Process = stage.shape.web[0]
    leaving.term()
    await asked.over()
    await leaving.ended()
    codes = [code for viewer in asked.viewers if isinstance(viewer, SocketViewer) for code in viewer.closes]
    stage.facts["closes"] = codes
    silent = [
        one for one in asked.viewers if isinstance(one, SocketViewer) and one.closes and not one.farewells
    ]
    stage.expect(not silent, f"{len(silent)} were closed without being told to go elsewhere")
    stage.expect(SERVICE_RESTART in codes, f"nobody was sent away with 1012: {codes}")
    stage.expect(set(codes) <= {SERVICE_RESTART}, f"sockets were closed with {codes}")
    stage.expect(await stage.attempts(asked) == 1, "a run was disturbed by a restart")


@fault("SIGTERM of a web process: the pause is no longer than 3 s")
async def leaving_web_in_time(stage: Stage) -> None:
    await leaving_web(stage)
    pause = stage.asked[-1].pause
    stage.expect(pause <= SEAMLESS, f"viewers saw nothing for {pause:.1f} s")


@fault("kill -9 of the worker where the provider goes on from what there is (RUN_TAKEOVER=continue)")
async def goes_on(stage: Stage) -> None:
    cluster = stage.shape
    await asyncio.to_thread(cluster.python, "-c", ACCEPTS_PREFIX)
    await restart_workers(stage, RUN_TAKEOVER="continue")
    asked = await stage.ask()
    await asked.shown(0.4)
    await kill_runner(stage, asked)
    written = await stage.text_in_log(asked)
    stage.shape.provider.play(
        asked.question, pieces=[asked.answer[len(written) :]], usage={"input": 5, "output": 1}
    )
    await asked.over()
    prefix = asked.requests[-1].body["messages"][-1]
    stage.expect(prefix["role"] == "assistant", "the provider was not given what was written")
    stage.expect(said(prefix) == written, "the provider was given something else than was written")
    log = await stage.log_of(asked)
    openings = [frame for frame in log if frame["type"] == "attempt-start"]
    stage.expect([frame["keeps"] for frame in openings] == [True], f"spliced silently: {openings}")
    await restart_workers(stage)


def said(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


async def restart_workers(stage: Stage, **environment: str) -> None:
    for worker in stage.shape.workers:
        if worker.alive:
            worker.kill()
        worker.start(**environment)
    await stage.shape.ready()


@fault("SIGTERM of the worker, which hands over after DRAIN_SECONDS=2", short=True)
async def leaving_worker(stage: Stage) -> None:
    asked = await stage.ask(tokens=320)
    await asked.shown(0.1)
    owner: Process = await stage.shape.owner(asked.run_id)
    asked.strike()
    owner.term()
    code = await owner.ended()
    stage.expect(code == 0, f"the worker ended with {code}")
    await asked.over()


@fault("rolling restart of everything with 10 runs active")
async def rolling(stage: Stage) -> None:
    cluster = stage.shape
    await restart_workers(stage, DRAIN_SECONDS="40")  # as in production: longer than the answers
    asked = [await stage.ask(tokens=300, rate=25, sockets=1, streams=1) for _ in range(10)]
    for one in asked:
        one.strike()
    for process in [*cluster.web, *cluster.workers]:
        process.term()
        await process.ended(90)
        process.start()
        await cluster.ready()
    for one in asked:
        await one.over()
        stage.expect(await stage.attempts(one) == 1, "a run was disturbed by a restart")
