"""Hosts whose clocks are a day wrong: leases are nobody's clock but the database's."""

from pathlib import Path

from tests.chaos.plays import fault
from tests.chaos.stage import Skipped, Stage


@fault("clocks a day ahead and a day behind, on workers and web processes")
async def a_day_wrong(stage: Stage) -> None:
    cluster = stage.shape
    ahead, behind = shifted("+1d"), shifted("-1d")
    for process, clock in ((cluster.workers[0], ahead), (cluster.web[0], behind), (cluster.web[1], ahead)):
        process.kill()
        process.start(**clock)
    await cluster.ready()
    asked = [await stage.ask(tokens=600, sockets=1, streams=1) for _ in range(4)]
    for one in asked:
        await one.shown(0.8)  # 12 s: longer than a lease
        stage.expect(await stage.attempts(one) == 1, "a run was taken from its living owner")
    owner = await cluster.owner(asked[0].run_id)
    asked[0].strike()
    owner.kill()
    for one in asked:
        await one.over()
    for process in (*cluster.workers, *cluster.web):
        process.kill()  # and on with true clocks
        process.start()
    await cluster.ready()


def shifted(by: str) -> dict[str, str]:
    """The environment of a process that lives at another time. Raises Skipped."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        raise Skipped("needs the package faketime")
    return {"LD_PRELOAD": str(libraries[0]), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
