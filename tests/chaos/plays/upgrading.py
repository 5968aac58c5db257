"""Two versions on one database, for as long as an upgrade takes (P19)."""

from tests.chaos.plays import fault
from tests.chaos.processes import Process
from tests.chaos.stage import Asked, Stage
from tests.chaos.viewers import SocketViewer

TRIES = 20  # questions until a certain worker takes one: the two are woken in no order


@fault("old and new version side by side, the worker of either killed", shape="upgrade")
async def side_by_side(stage: Stage) -> None:
    cluster = stage.shape
    stage.facts["old"] = cluster.old[:10]
    across = [await ask_at(stage, web, tokens=400) for web in (0, 1)]
    await cluster.migrate()
    await over(across)
    stage.expect(all(one.viewers[0].closes == [] for one in across), "the migrations disturbed viewers")
    await cluster.renew(cluster.web[1])
    await cluster.renew(cluster.workers[1])
    for dying, heir in (cluster.workers, cluster.workers[::-1]):
        await killed(stage, dying, heir)
    before = len(stage.asked)
    for process in (cluster.web[0], cluster.workers[0]):
        await cluster.renew(process)
    await over([await ask_at(stage, 0, tokens=40)])
    codes = {code for one in stage.asked[:before] for viewer in one.viewers for code in viewer.closes}
    stage.expect(codes == set(), f"viewers were disturbed: {codes}")


async def killed(stage: Stage, dying: Process, heir: Process) -> None:
    """What the dying worker was at goes on with the other version, and viewers of both versions see it."""
    asked = [await ask_of(stage, dying, web) for web in (0, 1)]
    for one in asked:
        await one.shown(0.1)
        one.strike()
    dying.kill()
    await over(asked)
    for one in asked:
        stage.expect(await stage.attempts(one) == 2, "not taken over once")
        stage.expect(await stage.shape.owner(one.run_id) is heir, "taken over by nobody who lives")
    dying.start()
    await stage.shape.ready()


async def ask_at(stage: Stage, web: int, *, tokens: int = 240) -> Asked:
    """Viewers at one web process; the question goes to either."""
    urls = {"url": stage.shape.web_url(web), "ws_url": stage.shape.web_ws_url(web)}
    return await stage.ask(tokens=tokens, **urls)


async def ask_of(stage: Stage, worker: Process, web: int) -> Asked:
    """A question that this worker took, with viewers at this web process."""
    for _ in range(TRIES):
        asked = await ask_at(stage, web)
        if await stage.shape.owner(asked.run_id) is worker:
            return asked
    raise TimeoutError(f"{worker.name} takes no runs")


async def over(asked: list[Asked]) -> None:
    for one in asked:
        await one.over()


def sockets(asked: Asked) -> list[SocketViewer]:
    return [viewer for viewer in asked.viewers if isinstance(viewer, SocketViewer)]
