"""Readers of all kinds for the tests: patient and stuck ones, and what a server process holds meanwhile."""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import websockets

from tests.clients import Api, ClientState, Frame, Socket
from tests.server import ROOT


class PieceState(ClientState):
    """Takes snapshots that come in several frames."""

    def __init__(self) -> None:
        super().__init__()
        self._begun: Frame | None = None

    def take_snapshot(self, frame: Frame) -> None:
        messages = [*(self._begun or {"messages": []})["messages"], *frame["messages"]]
        self._begun = {**frame, **(self._begun or {}), "messages": messages}
        if not frame.get("more"):
            super().take_snapshot(self._begun)
            self._begun = None


class Reader:
    """One socket on one session. `acknowledges`: every 64 KiB, as the page does."""

    def __init__(self, socket: Socket, state: PieceState, *, acknowledges: bool = False) -> None:
        self.socket = socket
        self.state = state
        self.acknowledges = acknowledges
        self.frames = 0
        self._unacknowledged = 0

    @classmethod
    async def open(
        cls, server: Any, session_id: str, name: str = "alice", state: PieceState | None = None, **more: Any
    ) -> "Reader":
        reader = cls(await Socket.open(server.ws_url, server.keys[name]), state or PieceState(), **more)
        position = reader.state.position or None
        reply = await reader.socket.ask("subscribe", session_id=session_id, position=position)
        assert reply["ok"], reply
        while not reader.state.position:
            reader.state.take_snapshot(await reader.socket.frame())
        return reader

    async def __aenter__(self) -> "Reader":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.connection.close()

    @property
    def transport(self) -> Any:
        """`pause_reading()` makes it stuck, down to the network."""
        return self.socket.connection.transport

    async def read(self) -> None:
        frame = await self.socket.event()
        assert self.state.apply(frame), f"{frame['stream']} {frame['seq']} came twice"
        self.frames += 1
        self._unacknowledged += len(json.dumps(frame))
        if self.acknowledges and self._unacknowledged >= 65_536:
            await self.acknowledge()

    async def acknowledge(self) -> None:
        self._unacknowledged = 0
        command = {"type": "ack", "position": self.state.position}
        await self.socket.connection.send(json.dumps(command))

    async def read_until(self, run_id: str, *statuses: str) -> str:
        """Reads on to the end of that run; gives the text of its message."""
        while self.state.runs.get(run_id, {}).get("status") not in (statuses or ("completed",)):
            await self.read()
        return self.state.text(self.state.runs[run_id]["message_id"])

    async def read_until_closed(self) -> int:
        try:
            while True:
                await self.read()
        except websockets.ConnectionClosed:
            return int(self.socket.connection.close_code or 1006)


async def answer(alice: Api, session_id: str, tokens: int = 100_000, rate: float = 100_000) -> Frame:
    """Start an answer; 100,000 tokens are half a mebibyte, which is sent in pieces and then as a whole."""
    options = {"tokens": tokens, "rate": rate}
    sent = await alice.send(session_id, "Go", model="demo/chat", options=options)
    return dict(sent["runs"][0])


async def answered(alice: Api, session_id: str, count: int) -> Frame:
    """So many answers, one after the other; gives the run of the last."""
    for _ in range(count):
        run = await answer(alice, session_id)
        await alice.ended(run["id"])
    return run


async def stored(alice: Api, run: Frame) -> str:
    return str((await alice.messages(run["session_id"]))[run["message_id"]]["text"])


def memory(server: Any) -> float:
    """MiB that the server's process holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def descriptors(server: Any) -> Counter[str]:
    """How many a server has open: of the database's files, and of everything else."""
    links = [_target(link) for link in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    return Counter("database" if ".sqlite3" in link else "other" for link in links)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def held(server: Any) -> tuple[int, int, int]:
    """Viewers, connections and tasks, as a server at log level DEBUG last told."""
    told = re.findall(r"hub: (\d+) viewers, (\d+) connections, (\d+) tasks", server.log.read_text())
    viewers, connections, tasks = told[-1] if told else (0, 0, 0)
    return int(viewers), int(connections), int(tasks)


def as_operator(server: Any, code: str) -> None:
    """Run Python with Django on the server's data, as an operator does in a shell."""
    script = f"import django; django.setup()\nfrom chat.models import *\n{code}"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=server.environment, check=True)


async def operate(server: Any, code: str) -> None:
    await asyncio.to_thread(as_operator, server, code)
