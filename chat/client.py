"""A small client for Python programs: sends messages and follows sessions, whatever the network does.

It needs nothing of the server's code: `httpx2` and `websockets` alone. A session is followed over the
WebSocket, over server-sent events where a proxy stops that, and in pages where something holds those back; it
goes on from the position that it reached, and gives no frame twice.

    async with Client("http://localhost:8000", key) as parley:
        sent = await parley.send("Hello", model="demo/chat")
        async for frame in parley.follow(sent["session_id"]):
            ...

        message = await parley.begin(model="demo/chat")  # in pieces
        await message.write("Listen: ")
        async for sound in microphone:
            await message.write(sound)
        sent = await message.end()
"""

import asyncio
import base64
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final, Protocol

import httpx2
import websockets

Frame = dict[str, Any]
Position = dict[str, int]
Transport = Callable[[str, Position | None], AsyncIterator[Frame]]

FIRST_WAIT: Final = 0.3  # seconds before the first new try; doubled with each, with jitter
LONGEST_WAIT: Final = 10.0
ENOUGH: Final = 2  # tries without a single frame, then the next transport is tried
HELD_BACK: Final = 5.0  # seconds for a stream's first bytes; the server sends them at once
DEAD: Final = 30.0  # seconds without a byte after which a line counts as dead
LONG_POLL: Final = 20.0
ACK_SECONDS: Final = 1.0
PIECE: Final = 128 * 1024  # bytes or characters of one piece: a frame has a mebibyte at most
AWAY: Final = (OSError, httpx2.HTTPError, websockets.WebSocketException)


class Refused(Exception):  # noqa: N818 - it says what happened
    """The server understood and said no: `status` (HTTP), `code` and a sentence."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(error.get("code", "error"))
        super().__init__(str(error.get("message", self.code)))


class Client:
    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx2.AsyncClient(base_url=self._url, headers=self._headers, timeout=DEAD)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, text: str, *, session_id: str = "", client_id: str = "", **fields: Any) -> Frame:
        """`session_id`, `message` and `runs`. Sent again until the server answered, which is harmless: it
        knows the `client_id`. Raises Refused."""
        command = {"client_id": client_id or str(uuid.uuid4()), "session_id": session_id, "text": text}
        return await self.command("message.send", **command, **fields)

    async def command(self, type_: str, **fields: Any) -> Frame:
        """Any command of docs/protocol.md, tried again while the server is away. Raises Refused."""
        waits = _Waits()
        while True:
            try:
                response = await self._http.post("/api/commands/", json={"type": type_, **fields})
                if response.status_code < 500:
                    return _accepted(response)
            except AWAY:
                pass  # nobody knows whether it arrived: the same again finds out
            await waits.wait()

    async def begin(self, *, client_id: str = "", **fields: Any) -> "Writing":
        """A message that is sent while it is made; `fields` as for `send`. Raises Refused."""
        client_id = client_id or str(uuid.uuid4())
        await self.command("message.begin", client_id=client_id, **fields)
        return Writing(self, client_id)

    async def follow(self, session_id: str, position: Position | None = None) -> AsyncIterator[Frame]:
        """Frames for as long as the caller asks: a snapshot where there is no position to go on from, then
        the events. Raises Refused."""
        place = Place(position)
        transports: list[Transport] = [self._by_socket, self._by_stream, self._by_pages]
        waits = _Waits()
        while True:
            try:
                async with aclosing(transports[0](session_id, place.position)) as frames:  # type: ignore[type-var]
                    async for frame in frames:
                        waits.begin()
                        if place.take(frame):
                            yield frame
            except (*AWAY, TimeoutError):
                pass  # the position says where to go on
            if waits.tries and waits.tries % ENOUGH == 0:
                transports.append(transports.pop(0))
            await waits.wait()

    # --- the ways to the server, best first ---------------------------------------------

    async def _by_socket(self, session_id: str, position: Position | None) -> AsyncIterator[Frame]:
        address = f"ws{self._url.removeprefix('http')}/ws/chat/"
        async with websockets.connect(address, additional_headers=self._headers, max_size=None) as socket:
            command = {"type": "subscribe", "id": 1, "session_id": session_id, "position": position}
            await socket.send(json.dumps(command))
            acknowledged, fresh = time.monotonic(), {}
            async for text in socket:
                frame = json.loads(text)
                if frame["type"] == "reply":
                    _refuse(404, frame)
                elif frame["type"] == "unsubscribed":
                    raise Refused(404, frame["error"])
                elif frame["type"] == "snapshot" or "seq" in frame:
                    yield frame
                if "seq" in frame:
                    fresh[frame["stream"]] = frame["seq"]
                if fresh and time.monotonic() - acknowledged > ACK_SECONDS:
                    await socket.send(json.dumps({"type": "ack", "position": fresh}))
                    acknowledged, fresh = time.monotonic(), {}

    async def _by_stream(self, session_id: str, position: Position | None) -> AsyncIterator[Frame]:
        headers = {"Accept": "text/event-stream"}
        async with asyncio.timeout(HELD_BACK) as patience:
            async with self._http.stream("GET", _feed(session_id, position), headers=headers) as response:
                if response.status_code != 200:
                    await response.aread()
                    _accepted(response)
                async for line in response.aiter_lines():
                    patience.reschedule(None)
                    if line.startswith("data: "):
                        yield json.loads(line[6:])

    async def _by_pages(self, session_id: str, position: Position | None) -> AsyncIterator[Frame]:
        place = Place(position)
        while True:
            address = f"{_feed(session_id, place.position)}&wait={LONG_POLL}"
            for frame in _accepted(await self._http.get(address))["frames"]:
                place.take(frame)
                yield frame


class Writing:
    """A message in pieces: text and bytes (audio that is being recorded, a file that is read). Each is kept
    when `write` returns, and goes again where the network lost it."""

    def __init__(self, client: Client, client_id: str) -> None:
        self._client = client
        self._client_id = client_id
        self._part = -1
        self._offset = 0
        self._kind: type | None = None

    async def write(self, piece: str | bytes, *, name: str = "") -> None:
        """More of the part that is being written; a `name`, and text after bytes, begin another. Raises
        Refused."""
        if name or type(piece) is not self._kind:
            self._part, self._offset, self._kind = self._part + 1, 0, type(piece)
        for start in range(0, len(piece), PIECE):
            await self._append(piece[start : start + PIECE], name)

    async def end(self) -> Frame:
        """As `Client.send`. Raises Refused."""
        return await self._client.command("message.end", client_id=self._client_id)

    async def _append(self, piece: str | bytes, name: str) -> None:
        said = {"text": piece} if isinstance(piece, str) else {"data": base64.b64encode(piece).decode()}
        place = {"client_id": self._client_id, "part": self._part, "offset": self._offset, "name": name}
        self._offset = (await self._client.command("message.append", **place, **said))["offset"]


class Place:
    """The position that was reached: all that is needed in order to go on."""

    def __init__(self, position: Position | None) -> None:
        self.position = dict(position) if position is not None else None

    def take(self, frame: Frame) -> bool:
        """False for an event that was taken before."""
        if "seq" not in frame:
            self.position = frame.get("position", self.position)
            return True
        reached = self.position or {}
        if frame["seq"] <= reached.get(frame["stream"], 0):
            return False
        self.position = {**reached, frame["stream"]: frame["seq"]}
        return True


class _Waits:
    """Longer and longer, until something comes."""

    def __init__(self) -> None:
        self.tries = 0

    def begin(self) -> None:
        self.tries = 0

    async def wait(self) -> None:
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**self.tries)
        self.tries += 1
        await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 - not for secrets


def _feed(session_id: str, position: Position | None) -> str:
    query = httpx2.QueryParams({"position": json.dumps(position) if position is not None else ""})
    return f"/api/sessions/{session_id}/feed/?{query}"


def _accepted(response: httpx2.Response) -> Frame:
    try:
        answer = response.json()
    except ValueError:  # something on the way answered
        answer = {}
    if response.status_code >= 400:
        raise Refused(response.status_code, answer.get("error", {}))
    return dict(answer)


def _refuse(status: int, reply: Frame) -> None:
    if not reply["ok"]:
        raise Refused(status, reply["error"])


class HasSchema(Protocol):
    """A Pydantic model's class, or anything that can tell its JSON schema like one."""

    __name__: str

    def model_json_schema(self) -> dict[str, Any]: ...


def response_format_of(model: HasSchema) -> dict[str, Any]:
    """What makes an answer one of `model`: for `send(…, options={"response_format": …})`.

    The answer's part `{"type": "data", "name": "output", "value"}` then is what `model.model_validate` takes.
    """
    named = {"name": model.__name__[:64], "schema": model.model_json_schema()}
    return {"type": "json_schema", "json_schema": named}
