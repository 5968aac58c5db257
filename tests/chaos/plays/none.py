"""No fault at all: then nothing may be counted that tells of one (P20)."""

import asyncio

from tests.chaos.plays import fault
from tests.chaos.stage import Asked, Stage
from tests.clients import Socket

QUIET = ("kicks", "takeovers", "leases_lost", "refusals")


async def undisturbed(stage: Stage) -> None:
    asked = await asyncio.gather(*(stage.ask(tokens=160, sockets=3, streams=2) for _ in range(5)))
    for one in asked:
        await one.over()
        stage.expect(await stage.attempts(one) == 1, "a run was taken over")
    await look_back(stage, asked[0])
    counted = await stage.counted()
    told = {name: count for name, count in counted.items() if name.split()[0] in QUIET}
    stage.expect(not told, f"counted without a fault: {told}")
    if not counted["layer_drops"]:  # a machine so busy that Redis needs a second for a batch makes holes
        stage.expect(counted["gaps"] == 0, f"{counted['gaps']} gaps without a fault")
    stage.expect(counted.total() > 0, "the counters count nothing")


async def look_back(stage: Stage, one: Asked) -> None:
    """Somebody resumes at the beginning of what is over: that is read from the log, and counted."""
    position = {f"session:{one.session_id}": 0, f"run:{one.run_id}": 0}
    async with await Socket.open(stage.shape.ws_url, stage.shape.keys["alice"]) as socket:
        await socket.ask("subscribe", session_id=one.session_id, position=position)
        await socket.event()


@fault("no fault: the counters of faults stay 0", short=True)
async def cluster(stage: Stage) -> None:
    await undisturbed(stage)


@fault("embedded: no fault: the counters of faults stay 0", shape="embedded")
async def embedded(stage: Stage) -> None:
    await undisturbed(stage)
