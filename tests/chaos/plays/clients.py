"""Clients with bad lines: what they do to themselves must do nothing to others."""

import asyncio
import json

import websockets

from tests.chaos.faults import Line
from tests.chaos.plays import fault
from tests.chaos.stage import Asked, Stage
from tests.clients import Socket


async def ask_over(stage: Stage, line: Line, **more: int) -> Asked:
    """All viewers look on over this line."""
    base = f"127.0.0.1:{line.port}"
    return await stage.ask(url=f"http://{base}", ws_url=f"ws://{base}/ws/chat/", **more)


@fault("viewers' lines reset at random", short=True)
async def resets(stage: Stage) -> None:
    async with Line(stage.shape.port) as line:
        asked = await ask_over(stage, line, tokens=240, sockets=4, streams=3)
        for _ in range(20):
            await asyncio.sleep(0.25)
            line.reset(share=0.4)
        await asked.over()
    stage.facts["lines"] = line.connections


@fault("viewers' lines half closed, and sliced into 7 bytes")
async def sliced(stage: Stage) -> None:
    async with Line(stage.shape.port) as line:
        line.slice = 7
        asked = await ask_over(stage, line, tokens=160)
        await asked.shown(0.4)
        asked.strike()
        line.half_close()
        await asked.over()


@fault("viewers' lines half open: dead, and nobody says so")
async def half_open(stage: Stage) -> None:
    async with Line(stage.shape.port) as line:
        asked = await ask_over(stage, line, tokens=200, streams=0)
        good = await stage.ask(tokens=200)
        await asked.shown(0.2)
        line.deaf = True
        await good.over()
        line.heal()
        asked.strike()
        await asked.over()


@fault("viewers' lines of 64 kbit/s, slower than the answer")
async def thin(stage: Stage) -> None:
    async with Line(stage.shape.port) as line:
        line.rate = 8_000
        asked = await ask_over(stage, line, tokens=300, rate=100, sockets=1, streams=0)
        await asked.over()


@fault("20 viewers that never read a byte of a long answer")
async def never_reading(stage: Stage) -> None:
    asked = await stage.ask(tokens=20_000, rate=4_000, sockets=2)
    before = _memory(stage)
    stuck = [await _stuck_viewer(stage, asked.session_id) for _ in range(20)]
    await asked.over()
    stage.facts["MiB"] = round((_memory(stage) - before) / 1024)
    for socket in stuck:
        socket.connection.transport.abort()


async def _stuck_viewer(stage: Stage, session_id: str) -> Socket:
    headers = {"Authorization": f"Bearer {stage.shape.keys['alice']}"}
    socket = Socket(await websockets.connect(stage.shape.ws_url, additional_headers=headers, max_queue=1))
    await socket.connection.send(
        json.dumps({"type": "subscribe", "id": "1", "session_id": session_id, "position": {}})
    )
    socket.connection.transport.pause_reading()
    return socket


def _memory(stage: Stage) -> int:
    """KiB resident in the web processes."""
    return sum(web.memory() for web in stage.shape.web)
