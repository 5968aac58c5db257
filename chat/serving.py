"""Daphne, taught what it leaves out: to wait for a slow reader, to say why it closes, to notice a dead line.

Knows connections and bytes, and nothing of chat. Other servers (uvicorn) wait for slow readers by themselves.
"""

import asyncio
import json
import socket
from functools import partial
from typing import IO, Any, Final

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import tcp
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer  # type: ignore[import-untyped]

from chat.logs import new_request_id

UNSENT: Final = 64 * 1024  # bytes that the kernel may hold of what the network has not taken yet
AHEAD: Final = 250  # frames that may wait for the application before no more are read
LARGE: Final = 16 * 1024  # bytes; of frames as large as that only a few may wait
LARGE_AHEAD: Final = 8
TOO_LARGE: Final = (413, "too_large", "This is larger than the server takes.")
NO_ROOM: Final = (507, "storage_full", "The server has no room for this file.")
BODY_PIECE: Final = 256 * 1024  # bytes that are read of a body at once
READ_AGAIN: Final = 0.05  # seconds until it is looked whether they were taken
CLOSE_SECONDS: Final = 5  # for the other side to answer a close frame; a slow one gets to read it
KEEPALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}  # a dead line shows in 50 s


@implementer(IPushProducer)
class Valve:
    """Shut while the transport's buffer (64 KiB, Twisted's `bufferSize`) is full."""

    __slots__ = ("_shut",)

    def __init__(self) -> None:
        self._shut: asyncio.Event | None = None

    async def passed(self) -> None:
        """Returns when there is room, or nobody left to wait for."""
        if self._shut:
            await self._shut.wait()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name, as below
        self._shut = self._shut or asyncio.Event()

    def resumeProducing(self) -> None:  # noqa: N802
        if self._shut:
            self._shut.set()
            self._shut = None

    stopProducing = resumeProducing  # noqa: N815


class Connection(tcp.Server):
    """Writes at once what the kernel takes, as asyncio's own transports do. Twisted's way, two calls of epoll
    and another turn of the loop for each piece, is most of what a frame to a viewer costs."""

    def write(self, data: bytes) -> None:
        rest = data if self._must_wait else data[self._taken(data) :]
        if rest:
            super().write(rest)  # type: ignore[no-untyped-call]

    @property
    def _must_wait(self) -> bool:
        waiting = self.dataBuffer or self._tempDataBuffer
        return bool(self.TLS or not self.connected or self.disconnecting or waiting)

    def _taken(self, data: bytes) -> int:
        """Bytes. None of them where the line is broken: the reactor finds out by itself."""
        sent = self.writeSomeData(data)
        return 0 if isinstance(sent, Exception) else sent


class PatientSocket(WebSocketProtocol):  # type: ignore[misc]
    """Limits what comes in, not what goes out; closes with any code and a reason."""

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        self.valve = Valve()
        return super().onConnect(request)

    def onOpen(self) -> None:  # noqa: N802
        super().onOpen()
        self.transport.unregisterProducer()  # the HTTP channel that this connection began as
        self.transport.registerProducer(self.valve, True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        super().onMessage(payload, isBinary)
        if self.application_queue.qsize() > (LARGE_AHEAD if len(payload) > LARGE else AHEAD):
            self.transport.pauseProducing()
            asyncio.get_running_loop().call_later(READ_AGAIN, self._read_on)

    def _read_on(self) -> None:
        if self.state == self.STATE_CLOSED:
            return
        if self.application_queue.qsize() > LARGE_AHEAD // 2:
            asyncio.get_running_loop().call_later(READ_AGAIN, self._read_on)
        else:
            self.transport.resumeProducing()

    def onClose(self, *how: Any) -> None:  # noqa: N802
        self.valve.stopProducing()
        super().onClose(*how)

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        super().dropConnection(abort)
        self.valve.stopProducing()

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and self.state != self.STATE_CONNECTING:
            reason = (message.get("reason") or "").encode()[:123]
            self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason)
        else:
            super().handle_reply(message)

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802
        """Past autobahn's `sendMessage`, which holds the limit of incoming messages against outgoing ones
        and raises where the other side was faster to close."""
        if self.state == self.STATE_OPEN:
            self.sendFrame(opcode=2 if binary else 1, payload=content if binary else content.encode())

    def _sendAutoPing(self) -> None:  # noqa: N802
        """One ping at a time: a second one would leave the first one's time-out running for ever."""
        if self.autoPingTimeoutCall is None:
            super()._sendAutoPing()


class Body:
    """A request's body for the application, read from where Twisted has put it: a file, if it is large.
    Daphne's own way is to queue all of it in memory."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._read = 0
        self._whole = False
        self._later: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put_nowait(self, message: dict[str, Any]) -> None:
        if message["type"] != "http.request":
            self._later.put_nowait(message)

    async def get(self) -> dict[str, Any]:
        if self._whole:
            return await self._later.get()
        if self._content.closed:
            return {"type": "http.disconnect"}
        self._content.seek(self._read)
        piece = self._content.read(BODY_PIECE)
        self._read += len(piece)
        self._whole = len(piece) < BODY_PIECE
        return {"type": "http.request", "body": piece, "more_body": not self._whole}


class PatientRequest(WebRequest):  # type: ignore[misc]
    """Twisted would read forms into memory, several times over; the application reads them itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)
        self._refusal: tuple[int, str, str] | None = None

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """What is over the limit is not even written down."""
        if self.content.tell() + len(data) > self.channel.factory.server.most_body:
            self._refusal = TOO_LARGE
        if self._refusal:
            return
        try:
            super().handleContentChunk(data)
        except OSError:
            self._refusal = NO_ROOM

    def process(self) -> Any:
        self.valve = Valve()
        self.requestHeaders.removeHeader(b"daphne-root-path")  # Daphne believes it from anybody
        return self._refuse(*self._refusal) if self._refusal else super().process()

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.setResponseCode(status)
        name = new_request_id()
        self.setHeader(b"Content-Type", b"application/json")
        self.setHeader(b"X-Request-ID", name.encode())
        self.write(json.dumps({"error": {"code": code, "message": message, "request_id": name}}).encode())
        self.finish()

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and not self.producer and self.channel:
            self.registerProducer(self.valve, True)
        super().handle_reply(message)

    def finish(self) -> None:
        self._let_go()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self._let_go()
        super().connectionLost(reason)

    def _let_go(self) -> None:
        if self.producer:
            self.unregisterProducer()
            self.valve.stopProducing()


class PatientHTTPFactory(HTTPFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = PatientRequest
        return protocol


class PatientSocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = PatientSocket

    def setProtocolOptions(self, **options: Any) -> None:  # noqa: N802
        """`failByDrop=False`: what breaks the rules is told so in a close frame (1009: too large)."""
        super().setProtocolOptions(**options, failByDrop=False, closeHandshakeTimeout=CLOSE_SECONDS)


class PatientServer(Server):  # type: ignore[misc]
    """`stuck_seconds`: how long the other side may acknowledge nothing of what was sent to it;
    `most_body`: the bytes that a request may have."""

    def __init__(self, *, stuck_seconds: float, most_body: int, **options: Any) -> None:
        super().__init__(**options)
        self._stuck_seconds = stuck_seconds
        self.most_body = most_body

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Daphne's own, but for the queue of a request's body."""
        if scope["type"] != "http" or protocol not in self.connections:
            return super().create_application(protocol, scope)
        body = Body(protocol.content)
        scope.setdefault("asgi", {"version": "3.0"})
        run = self.application(scope=scope, receive=body.get, send=partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(run)
        return body

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if message["type"] in ("websocket.send", "http.response.body"):
            await protocol.valve.passed()

    def listen_success(self, port: Any) -> None:
        """Linux hands a listening socket's options on to the connections that it accepts."""
        super().listen_success(port)
        port.transport = Connection
        listening: socket.socket = port.socket
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        user_timeout = int(1000 * self._stuck_seconds)
        options = {**KEEPALIVE, "TCP_NOTSENT_LOWAT": UNSENT, "TCP_USER_TIMEOUT": user_timeout}
        for name, value in options.items():
            if (option := getattr(socket, name, None)) is not None:  # some are Linux's own
                listening.setsockopt(socket.IPPROTO_TCP, option, value)

    # `run()` makes the factories itself: this is where ours come in.

    @property
    def http_factory(self) -> PatientHTTPFactory:
        return self._http_factory

    @http_factory.setter
    def http_factory(self, _: HTTPFactory) -> None:
        self._http_factory = PatientHTTPFactory(self)

    @property
    def ws_factory(self) -> PatientSocketFactory:
        return self._ws_factory

    @ws_factory.setter
    def ws_factory(self, _: WebSocketFactory) -> None:
        self._ws_factory = PatientSocketFactory(self, server=self.server_name)
