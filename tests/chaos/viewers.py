"""People who look on, as a browser does: they keep a position, reconnect with jitter, and apply what comes.

What each of them showed is one of the oracle's three records.
"""

import asyncio
import contextlib
import itertools
import json
import random
import time
from collections.abc import Callable
from typing import Any, Final

import httpx2
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from providers.events import decode_event
from providers.folding import fold
from providers.parts import Parts, text_of
from tests.clients import Api, ClientState, Frame, Socket

SILENCE: Final = 6.0  # seconds without a frame after which a viewer asks; twice that is a dead line
PATIENCE: Final = 8.0  # seconds for a reply
ENDED: Final = frozenset({"completed", "failed", "cancelled", "interrupted"})
LOST: Final = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage, EOFError)


class Viewer:
    """`moments` are when something was applied, `closes` with which codes its lines ended."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.closes: list[int | None] = []
        self.failure: BaseException | None = None
        self.seen: dict[int, str] = {}  # attempt to the most that was shown of it
        self.attempt = 1
        self._task: asyncio.Task[None] | None = None

    def start(self) -> "Viewer":
        self._task = asyncio.create_task(self._watch())
        return self

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def text(self) -> str:
        raise NotImplementedError

    @property
    def ended(self) -> bool:
        raise NotImplementedError

    def pause_after(self, moment: float) -> float:
        """The longest time without anything new since then."""
        later = [moment, *(at for at in self.moments if at > moment)]
        return max((b - a for a, b in itertools.pairwise(later)), default=0.0)

    async def _watch(self) -> None:
        wait = 0.1
        while not self.ended:
            before = len(self.moments)
            try:
                await self._look()
            except LOST as lost:
                self.closes.append(_code(lost))
            except Exception as failure:
                self.failure = failure
                return
            wait = 0.1 if len(self.moments) > before else min(2.0, wait * 2)
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))

    async def _look(self) -> None:
        raise NotImplementedError

    def _note(self, frame: Frame, text_before: str) -> None:
        self.moments.append(time.monotonic())
        if frame["type"] == "attempt-start":
            self.seen[self.attempt] = text_before
            self.attempt = frame["attempt"]


class SocketViewer(Viewer):
    """Over the WebSocket; follows one session, and one run in it once `run_id` is known."""

    def __init__(self, url: Callable[[], str], key: str, session_id: str) -> None:
        super().__init__()
        self.state = ClientState()
        self.run_id = ""
        self.message_id = ""
        self.watching = asyncio.Event()
        self.repeats = 0
        self.farewells = 0  # how often it was told to go elsewhere
        self._url, self._key, self._session_id = url, key, session_id

    @property
    def text(self) -> str:
        return self.state.text(self.message_id)

    @property
    def ended(self) -> bool:
        run = self.state.runs.get(self.run_id)
        message = self.state.messages.get(self.message_id)
        return bool(run or message) and all(
            item["status"] in ENDED | {"complete"} for item in (run, message) if item
        )

    async def _look(self) -> None:
        more: dict[str, Any] = {"open_timeout": PATIENCE, "ping_interval": None, "close_timeout": 1}
        async with await Socket.open(self._url(), self._key, **more) as socket:
            await self._subscribe(socket)
            acks = asyncio.create_task(self._acknowledge(socket))
            try:
                while not self.ended:
                    self._apply(await self._frame(socket))
            finally:
                acks.cancel()

    async def _subscribe(self, socket: Socket) -> None:
        position = {"position": self.state.position} if self.state.position else {}
        async with asyncio.timeout(PATIENCE):
            reply = await socket.ask("subscribe", session_id=self._session_id, **position)
        if not reply["ok"]:
            raise ConnectionRefusedError(str(reply))

    async def _frame(self, socket: Socket) -> Frame:
        """Asks when it has heard nothing for long; a line that does not answer is dead."""
        for _ in range(2):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENCE):
                    return await socket.frame()
            await socket.connection.send(json.dumps({"type": "ping", "id": "alive"}))
        socket.connection.transport.abort()
        raise TimeoutError("a dead line")

    def _apply(self, frame: Frame) -> None:
        if frame["type"] == "snapshot":
            self.state.take_snapshot(frame)
            self.watching.set()
        elif frame["type"] == "goaway":
            self.farewells += 1
        elif "seq" in frame:
            before = self.text
            if not self.state.apply(frame):
                self.repeats += 1
            elif frame.get("run_id") == self.run_id or not self.run_id:
                self._note(frame, before)

    async def _acknowledge(self, socket: Socket) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(1)
                await socket.connection.send(json.dumps({"type": "ack", "position": self.state.position}))


class StreamViewer(Viewer):
    """Over server-sent events, of one run; resumes with Last-Event-ID."""

    def __init__(self, url: str, key: str, run_id: str) -> None:
        super().__init__()
        self.seq = 0
        self.end: Frame | None = None
        self._parts: Parts = ()
        self._url, self._key, self._run_id = url, key, run_id

    @property
    def text(self) -> str:
        return text_of(self._parts)

    @property
    def ended(self) -> bool:
        return self.end is not None

    async def _look(self) -> None:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.seq)}
        async with Api(self._url, self._key) as api:
            api.http.timeout = httpx2.Timeout(20, connect=PATIENCE)
            try:
                async with api.http.stream(
                    "GET", f"/api/runs/{self._run_id}/events/", headers=headers
                ) as response:
                    if response.status_code != 200:
                        raise ConnectionRefusedError(response.status_code)
                    async for line in response.aiter_lines():
                        if line.startswith("data: "):
                            self._apply(json.loads(line[6:]))
            except httpx2.HTTPError as error:
                raise ConnectionError(str(error)) from error

    def _apply(self, frame: Frame) -> None:
        assert frame["seq"] == self.seq + 1, f"hole: {self.seq} -> {frame['seq']}"
        self.seq = frame["seq"]
        before = self.text
        self._parts = fold(self._parts, decode_event(json.dumps(frame)))
        self._note(frame, before)
        if frame["type"] in ("finish", "abort", "error"):
            self.end = frame


def _code(lost: BaseException) -> int | None:
    return lost.rcvd.code if isinstance(lost, ConnectionClosed) and lost.rcvd else None
