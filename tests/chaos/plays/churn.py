"""People come, ask, stop and leave at random; CHAOS_CHURN_SECONDS later everything is as it was."""

import asyncio
import random
import time
from typing import Any

from tests.chaos.counting import gauge_at
from tests.chaos.plays import fault
from tests.chaos.stage import CHURN_SECONDS, Stage
from tests.clients import Api, Socket, eventually

AT_ONCE = 12
WARM_SECONDS = 20.0
MORE_DESCRIPTORS = 20  # database connections, of which a pool may hold up to 16
MORE_MIB = 40  # that a process may have grown by; what leaks grows with the length of the play
QUIET_SECONDS = 60.0
OPERATIONS = (
    *("subscribe", "subscribe", "unsubscribe", "send", "stop", "close", "drop", "stream") * 10,
    "replace",
)


@fault("churn: everything comes back to where it was")
async def churn(stage: Stage) -> None:
    async with stage.api() as api:
        sessions = [(await api.session())["id"] for _ in range(6)]
    await operate_for(stage, sessions, WARM_SECONDS)
    before = await state(stage)
    operations = await operate_for(stage, sessions, CHURN_SECONDS)
    after = await state(stage)
    stage.facts.update(seconds=round(CHURN_SECONDS), operations=operations)
    for name, (files, memory) in after.items():
        was_files, was_memory = before[name]
        stage.facts[name] = f"{was_files}→{files} descriptors, {was_memory}→{memory} MiB"
        stage.expect(files <= was_files + MORE_DESCRIPTORS, f"{name}: {was_files} → {files} descriptors")
        stage.expect(memory <= was_memory + MORE_MIB, f"{name}: {was_memory} → {memory} MiB")


async def state(stage: Stage) -> dict[str, tuple[int, int]]:
    """Descriptors and MiB of each process, once nobody looks on and nothing runs."""
    await eventually(lambda: quiet(stage), QUIET_SECONDS)
    processes = [*stage.shape.web, *stage.shape.workers]
    return {one.name: (one.descriptors(), one.memory() // 1024) for one in processes}


async def quiet(stage: Stage) -> bool:
    cluster = stage.shape
    doors = [*map(cluster.web_url, range(2)), *(f"http://127.0.0.1:{port}" for port in cluster.metrics_ports)]
    for url in doors:
        if await gauge_at(url, "parley_viewers") or await gauge_at(url, "parley_active_runs"):
            return False
    return True


async def operate_for(stage: Stage, sessions: list[str], seconds: float) -> int:
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(operate(stage, sessions, until, seed) for seed in range(AT_ONCE))))


async def operate(stage: Stage, sessions: list[str], until: float, seed: int) -> int:
    dice, count = random.Random(seed), 0
    key = stage.shape.keys["alice"]
    async with stage.api() as api:
        socket = await Socket.open(stage.shape.ws_url, key)
        while time.monotonic() < until:
            count += 1
            match dice.choice(OPERATIONS):
                case "close" | "drop" as how:
                    await end(socket, how)
                    socket = await Socket.open(stage.shape.ws_url, key)
                case "replace":
                    await replace(api, sessions, dice.randrange(len(sessions)))
                case what:
                    await act(api, socket, what, dice.choice(sessions))
            await asyncio.sleep(0.05)
        await socket.connection.close()
    return count


async def replace(api: Api, sessions: list[str], place: int) -> None:
    """A session that only grows takes more memory each time that it is shown, and hides what leaks."""
    old, sessions[place] = sessions[place], (await api.session())["id"]
    await api.http.delete(f"/api/sessions/{old}/")


async def end(socket: Socket, how: str) -> None:
    if how == "close":
        await socket.connection.close()
    else:
        socket.connection.transport.abort()


async def act(api: Api, socket: Socket, what: str, session_id: str) -> Any:
    match what:
        case "send" | "stop":
            reply = await socket.ask(
                "message.send",
                session_id=session_id,
                client_id=str(random.random()),
                text="x",
                model="demo/chat",
            )
            if what == "stop" and reply["ok"]:
                await socket.ask("run.cancel", run_id=reply["runs"][0]["id"])
        case "stream":
            path = f"/api/sessions/{session_id}/events/"
            async with api.http.stream("GET", path, headers={"Accept": "text/event-stream"}) as response:
                await anext(response.aiter_bytes(), None)
        case command:
            await socket.ask(command, session_id=session_id)
