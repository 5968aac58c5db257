"""A reader of Parley over its native WebSocket: sends messages, counts tokens, checks the order."""

import asyncio
import re
import time
import uuid
from typing import Any, Final

import orjson

from bench.tokens import Answer, Model
from bench.websocket import WebSocket

ACK_SECONDS: Final = 1.0
ACK_BYTES: Final = 64 * 1024
PATIENCE: Final = 60.0  # seconds for a reply, and for an answer beyond its own length
_HEAD: Final = re.compile(rb'^\{"stream":"([^"]+)".*?"seq":(\d+),"ts":\d+,"type":"([^"]+)"')
_ENDS: Final = frozenset({b"finish", b"abort", b"error"})


class ChatReader:
    """One socket, subscribed to one session. It acknowledges as the browser does."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.holes = 0  # events that came out of turn
        self.events = 0
        self.snapshots = 0  # frames of it
        self.first_frame = 0.0  # seconds until something of the session was there
        self.sends: list[float] = []  # seconds until a message was accepted
        self.runs: set[bytes] = set()
        self._socket = WebSocket(self._take)
        self._replies: dict[str, asyncio.Future[Any]] = {}
        self._position: dict[bytes, int] = {}
        self.position: dict[str, int] = {}  # where it began
        self._subscribed = 0.0
        self._answer: Answer | None = None
        self._ended = asyncio.Event()
        self._acked_at = time.monotonic()
        self._unacked = 0

    @classmethod
    async def open(
        cls, port: int, key: str, session_id: str, position: dict[str, int] | None = None
    ) -> "ChatReader":
        """With a position it goes on from there."""
        reader = cls(session_id)
        await reader._socket.connect(port, "/ws/chat/", key)
        reader._socket.closed.add_done_callback(reader._fail)
        reader._subscribed = time.monotonic()
        where = {} if position is None else {"position": position}
        reader.position = (await reader.command("subscribe", session_id=session_id, **where))["position"]
        return reader

    async def ask(self, model: Model) -> Answer:
        """Send a message and read until its run has ended. Raises RuntimeError when that did not go well."""
        answer = self.expect(model)
        start = time.monotonic()
        await self.send(model, uuid.uuid4().hex)
        self.sends.append(time.monotonic() - start)
        await self.ended(model)
        return answer

    async def send(self, model: Model, client_id: str) -> Any:
        """The reply. Raises RuntimeError when it is refused."""
        fields = {"session_id": self.session_id, "client_id": client_id, "model": f"openai/{model.name}"}
        return await self.command("message.send", text="Hello", **fields)

    def stop_reading(self) -> None:
        self._socket.stop_reading()

    def expect(self, model: Model) -> Answer:
        """The next run's text is counted as an answer of this model, whoever asked."""
        self._ended.clear()
        self._answer = Answer(model)
        return self._answer

    async def ended(self, model: Model) -> None:
        async with asyncio.timeout(model.seconds + PATIENCE):
            await self._ended.wait()

    async def command(self, type_: str, **fields: Any) -> Any:
        command_id = uuid.uuid4().hex
        reply = self._replies[command_id] = asyncio.get_running_loop().create_future()
        self._socket.send(orjson.dumps({"type": type_, "id": command_id, **fields}))
        async with asyncio.timeout(PATIENCE):
            return await reply

    async def close(self) -> None:
        self._socket.closed.remove_done_callback(self._fail)
        self._socket.close()

    def _take(self, frame: bytes) -> None:
        if head := _HEAD.match(frame):
            self._count(head[1], int(head[2]))
            self._apply(head[3], frame)
            self._acknowledge(len(frame))
        elif frame.startswith(b'{"type":"snapshot"'):
            self.snapshots += 1
            self.first_frame = self.first_frame or time.monotonic() - self._subscribed
        else:
            self._take_answer(orjson.loads(frame))

    def _count(self, stream: bytes, seq: int) -> None:
        self.events += 1
        self.holes += seq != self._position.get(stream, seq - 1) + 1
        self._position[stream] = seq

    def _apply(self, kind: bytes, frame: bytes) -> None:
        if kind == b"run-start":
            self.runs.add(frame[:60])
        if kind in _ENDS:
            self._ended.set()
        if self._answer:
            self._answer.events += 1
            if kind == b"text-delta":
                self._answer.take(frame)

    def _take_answer(self, frame: dict[str, Any]) -> None:
        reply = self._replies.pop(frame.get("id") or "", None)
        if reply is None:
            return
        if frame["ok"]:
            reply.set_result(frame)
        else:
            reply.set_exception(RuntimeError(f"refused: {frame['error']}"))

    def _acknowledge(self, size: int) -> None:
        self._unacked += size
        now = time.monotonic()
        if self._unacked >= ACK_BYTES or now - self._acked_at >= ACK_SECONDS:
            position = {stream.decode(): seq for stream, seq in self._position.items()}
            self._socket.send(orjson.dumps({"type": "ack", "position": position}))
            self._acked_at, self._unacked = now, 0

    def _fail(self, closed: "asyncio.Future[str]") -> None:
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(ConnectionError(closed.result()))
        self._ended.set()
