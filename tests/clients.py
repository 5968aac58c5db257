"""What programs do with Parley: a REST client, a socket, and readers of a stream over every transport.

`ClientState` is the client of docs/protocol.md: it applies snapshots and events and nothing else.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import websockets

from providers.events import decode_event
from providers.folding import fold
from providers.parts import parts_from_json, parts_to_json, text_of

Frame = dict[str, Any]
PATIENCE: Final = 120.0  # seconds; only ends what would hang, nothing is measured by it


class ClientState:
    """A session as a client holds it: state and the position that it includes."""

    def __init__(self) -> None:
        self.session: Frame = {}
        self.messages: dict[str, Frame] = {}
        self.runs: dict[str, Frame] = {}
        self.position: dict[str, int] = {}
        self.applied: list[tuple[str, int]] = []

    def take_snapshot(self, frame: Frame) -> None:
        self.session = frame["session"]
        self.messages = {message["id"]: message for message in frame["messages"]}
        self.runs = {run["id"]: run for run in frame["runs"]}
        self.position = dict(frame["position"])

    def apply(self, frame: Frame) -> bool:
        """False for what was seen before. A hole is an error: the server has to fill it."""
        seen = self.position.get(frame["stream"], 0)
        if frame["seq"] <= seen:
            return False
        assert frame["seq"] == seen + 1, f"hole in {frame['stream']}: {seen} -> {frame['seq']}"
        self.position[frame["stream"]] = frame["seq"]
        self.applied.append((frame["stream"], frame["seq"]))
        self._change(frame)
        return True

    def text(self, message_id: str) -> str:
        message = self.messages.get(message_id)
        return text_of(parts_from_json(message["parts"])) if message else ""

    def _change(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind.startswith("message-"):
            self.messages[frame["message"]["id"]] = frame["message"]
        elif kind in ("run-added", "run-updated"):
            self.runs[frame["run"]["id"]] = frame["run"]
        elif kind == "session-updated":
            self.session = frame["session"]
        else:
            self._fold(frame)

    def _fold(self, frame: Frame) -> None:
        message = self.messages.get(frame["message_id"])
        if message is None or message["status"] not in ("queued", "running"):
            return
        if frame["type"] == "run-start":
            message["status"] = self.runs[frame["run_id"]]["status"] = "running"
        parts = fold(parts_from_json(message["parts"]), decode_event(json.dumps(frame)))
        message.update(parts=parts_to_json(parts), text=text_of(parts))


class Api:
    """The REST door as one of the cast."""

    def __init__(self, url: str, key: str) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx2.AsyncClient(base_url=url, headers=self.headers, timeout=PATIENCE)

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def session(self, **fields: Any) -> Frame:
        response = await self.http.post("/api/sessions/", json=fields)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def send(self, session_id: str, text: str = "Hello", **fields: Any) -> Frame:
        body = {"client_id": str(uuid.uuid4()), "text": text, **fields}
        response = await self.http.post(f"/api/sessions/{session_id}/messages/", json=body)
        assert response.status_code in (200, 201), response.text
        return dict(response.json())

    async def messages(self, session_id: str) -> dict[str, Frame]:
        response = await self.http.get(f"/api/sessions/{session_id}/messages/?page_size=200")
        assert response.status_code == 200, response.text
        return {message["id"]: message for message in response.json()["results"]}

    async def run(self, run_id: str) -> Frame:
        return dict((await self.http.get(f"/api/runs/{run_id}/")).json())

    async def ended(self, run_id: str) -> Frame:
        """The run once it is over."""
        async for _ in read_sse(self, run_id, 0):
            pass
        return await self.run(run_id)


class Socket:
    """The native WebSocket."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._events: list[Frame] = []

    @classmethod
    async def open(cls, url: str, key: str, **more: Any) -> "Socket":
        headers = {"Authorization": f"Bearer {key}"}
        options: dict[str, Any] = {"max_size": None, "max_queue": None, "open_timeout": 60, **more}
        return cls(await websockets.connect(url, additional_headers=headers, **options))

    async def __aenter__(self) -> "Socket":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    async def frame(self) -> Frame:
        """The next frame, those first that came before the last reply."""
        if self._events:
            return self._events.pop(0)
        async with asyncio.timeout(PATIENCE):
            return dict(json.loads(await self.connection.recv()))

    async def event(self) -> Frame:
        """The next frame of a stream."""
        while "seq" not in (frame := await self.frame()):
            pass
        return frame

    async def ask(self, type_: str, **fields: Any) -> Frame:
        """Send a command; gives its reply and keeps what comes before it."""
        command_id = uuid.uuid4().hex
        await self.connection.send(json.dumps({"type": type_, "id": command_id, **fields}))
        while True:
            frame = json.loads(await self.connection.recv())
            if frame.get("id") == command_id:
                return dict(frame)
            self._events.append(frame)


async def read_ws(api: Api, url: str, session_id: str, run_id: str, after: int) -> AsyncIterator[Frame]:
    """The run's events over the socket, resumed at a position."""
    key = api.headers["Authorization"].removeprefix("Bearer ")
    session = f"session:{session_id}"
    async with await Socket.open(url, key) as socket:
        last = (await api.http.get(f"/api/sessions/{session_id}/events/")).json()["position"]
        await socket.ask("subscribe", session_id=session_id, position={session: last, f"run:{run_id}": after})
        while True:
            frame = await socket.event()
            if frame["stream"] == f"run:{run_id}":
                yield frame
                if frame["type"] in ("finish", "abort", "error"):
                    return


async def read_sse(api: Api, run_id: str, after: int) -> AsyncIterator[Frame]:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
    async with api.http.stream("GET", f"/api/runs/{run_id}/events/", headers=headers) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


async def read_ndjson(api: Api, run_id: str, after: int) -> AsyncIterator[Frame]:
    headers = {"Accept": "application/x-ndjson"}
    address = f"/api/runs/{run_id}/events/?after={after}"
    async with api.http.stream("GET", address, headers=headers) as response:
        async for line in response.aiter_lines():
            yield json.loads(line)


async def read_poll(api: Api, run_id: str, after: int) -> AsyncIterator[Frame]:
    done = False
    while not done:
        page = (await api.http.get(f"/api/runs/{run_id}/events/?after={after}&wait=5")).json()
        for frame in page["events"]:
            yield frame
        after, done = page["position"], page["done"]


def refusal(answer: Any) -> dict[str, Any]:
    """The error that an answer tells, without what is another for each request."""
    return {name: value for name, value in answer.json()["error"].items() if name != "request_id"}


async def eventually(check: Any, seconds: float = PATIENCE) -> Any:
    """Ask again until it is so."""
    async with asyncio.timeout(seconds):
        while not (value := await check()):  # noqa: ASYNC110 - what is asked is another process
            await asyncio.sleep(0.05)
        return value
