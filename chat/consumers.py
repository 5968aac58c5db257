"""The native WebSocket: frames in, commands; entries of the log out. docs/protocol.md is its contract."""

import asyncio
import logging
import time
from collections.abc import Collection, Coroutine
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chat import commands, performing, runtime
from chat.access import Person, session_for
from chat.authentication import key_from, user_of_key, user_of_ticket
from chat.commands import MAX_FRAME, AnyCommand, Subscribe, decode_command
from chat.db import AWAY, in_database
from chat.errors import ChatError, Conflict, Invalid, NotFound, NotSignedIn, Unavailable
from chat.events import Entry
from chat.flow import Allowance, Flow
from chat.guard import Caller
from chat.lanes import Lane
from chat.metrics import KICKS, REFUSALS
from chat.origins import is_own_origin
from chat.shutdown import is_going
from chat.snapshots import Position, canonical_id, next_frame, resume_streams, snapshot
from chat.viewers import Viewer
from providers.errors import ProviderError

logger = logging.getLogger(__name__)

PROTOCOL: Final = "parley.v1"
TOO_BIG: Final = 1009
FAILED: Final = 1011
GOING_AWAY: Final = 1012  # service restart: reconnect
TOO_SLOW: Final = 4008
TOO_MANY_COMMANDS: Final = 4013
NOT_SIGNED_IN: Final = 4401
NOT_ALLOWED: Final = 4403
TOO_MANY_SOCKETS: Final = 4429

COMMANDS_PER_SECOND: Final = 100
SUBSCRIPTIONS: Final = 100  # sessions that one socket may look at
_jobs: set["asyncio.Task[None]"] = set()


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    # No layer channel per socket: the hub listens once for the whole process.
    channel_layer_alias = "none"

    caller: Caller

    def __init__(self) -> None:
        super().__init__()
        self._viewers: dict[str, Viewer] = {}
        self._flow = Flow()
        self._allowance = Allowance(COMMANDS_PER_SECOND)
        # A long snapshot on a thin line, or a pong that finds no room, must not keep a stop waiting.
        self._ahead: dict[type[AnyCommand], Lane] = {
            kind: Lane(self._answer) for kind in (commands.Ping, commands.CancelRun)
        }
        self._lane = Lane(self._answer)
        self._is_open = False
        self._hub: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However it ends, also when the server cancels it, nothing of it stays."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._let_go()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without channels' hop to a thread before each frame: no connection to the database is used here."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        self._hub = (await runtime.runtime()).hub
        offered = self.scope.get("subprotocols", [])
        await self.accept(PROTOCOL if PROTOCOL in offered else None)
        self._is_open = True
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        try:
            caller = await self._authenticated(headers)
        except NotSignedIn:
            await self.close(NOT_SIGNED_IN)
            return
        if caller.cookie and not is_own_origin(headers.get("origin"), headers.get("host", "")):
            await self.close(NOT_ALLOWED, "foreign origin")
        elif self._hub.guard.count(caller.user) >= settings.SOCKETS_PER_USER:
            await self.close(TOO_MANY_SOCKETS, "too many connections")
        elif is_going() and settings.REDIS_URL:  # the balancer has not noticed yet: another one will serve
            await self.go_away()
        else:
            self.caller = caller
            self._hub.guard.enter(self)

    async def disconnect(self, code: int) -> None:
        self._let_go()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._is_open:
            return
        if not self._allowance.take(time.monotonic()):
            await self.close(TOO_MANY_COMMANDS, f"more than {COMMANDS_PER_SECOND} commands a second")
            return
        if len(text_data or bytes_data or "") > MAX_FRAME:
            await self.close(TOO_BIG, "the frame is too large")
            return
        command_id = _id_of(text_data) if text_data is not None else None
        try:
            if text_data is None:
                raise Invalid("Send JSON text frames.", code="binary_frame")
            command = decode_command(text_data)
        except ChatError as error:
            await self._refuse(command_id, error)
            return
        if isinstance(command, commands.Ack):
            self._flow.acknowledge(command.position, time.monotonic())
        else:
            await self._ahead.get(type(command), self._lane).put(command, len(text_data))

    # --- commands -----------------------------------------------------------------------

    async def _answer(self, command: AnyCommand) -> None:
        if not self._is_open:
            return
        try:
            await self._handle(command)
        except (ChatError, ProviderError) as error:
            await self._refuse(command.id, error)
        except AWAY as error:
            logger.error("socket: the database is away: %s", error)
            await self._refuse(command.id, Unavailable())
        except Exception:
            logger.exception("socket: a command failed")
            await self._refuse(command.id, ChatError())

    async def _handle(self, command: AnyCommand) -> None:
        match command:
            case Subscribe():
                await self._subscribe(command)
            case commands.Unsubscribe():
                self._unsubscribe(command.session_id)
                await self._reply(command.id)
            case commands.Ping():
                await self._send_json({"type": "pong", "id": command.id, "ts": int(time.time() * 1000)})
            case commands.Typing():
                await in_database(session_for, self._user, command.session_id)
                await self._reply(command.id)
            case _:
                await self._reply(command.id, **await in_database(performing.perform, self._user, command))

    async def _subscribe(self, command: Subscribe) -> None:
        session_id = canonical_id(command.session_id)
        self._unsubscribe(session_id)
        if len(self._viewers) >= SUBSCRIPTIONS:
            raise Conflict("This socket looks at too many sessions.", code="too_many_subscriptions")
        position = None
        if command.position is not None:
            position = await in_database(resume_streams, self._user, session_id, command.position)
        if position is None:
            position = await self._send_snapshot(session_id)
        await self._reply(command.id, position=position)
        if self._is_open:
            viewer = self._viewers[session_id] = Viewer(session_id, position, self)
            await self._hub.join(viewer, lambda _: self._close_soon(FAILED))

    async def _send_snapshot(self, session_id: str) -> Position:
        """Frame by frame: the next one is read when there is room for it."""
        state = await in_database(snapshot, self._user, session_id)
        await self._send(state.frame)
        while state.more and self._is_open:
            await in_database(next_frame, self._user, state)
            await self._send(state.frame)
        return state.position

    def _unsubscribe(self, session_id: str) -> None:
        if viewer := self._viewers.pop(session_id, None):
            self._hub.leave(viewer)
            self._flow.restart()

    # --- as a reader (chat/viewers.py) --------------------------------------------------

    @property
    def is_slow(self) -> bool:
        return self._flow.is_slow(time.monotonic())

    async def show(self, entry: Entry) -> None:
        await self._flow.room()
        await self._send(entry.frame)
        self._flow.count(entry.stream, entry.seq, len(entry.frame), time.monotonic())

    # --- as an open connection (chat/guard.py) ------------------------------------------

    @property
    def session_ids(self) -> Collection[str]:
        return self._viewers.keys()

    def sign_out(self) -> None:
        self._close_soon(NOT_SIGNED_IN)

    def lose(self, session_id: str) -> None:
        self._unsubscribe(session_id)
        frame = {"type": "unsubscribed", "session_id": session_id, "error": NotFound().as_json()}
        _soon(self._send_json(frame))

    def keep_pace(self, now: float) -> None:
        if self._is_open and self._flow.is_stuck(now, settings.SLOW_READER_SECONDS):
            logger.info("socket: a reader of %s is stuck", ", ".join(self._viewers) or "nothing")
            self._close_soon(TOO_SLOW, "too slow")

    async def go_away(self) -> None:
        await self._send_json({"type": "goaway", "reason": "restart"})
        await self.close(GOING_AWAY, "restart")

    # --- frames out ---------------------------------------------------------------------

    async def _reply(self, command_id: Any, **fields: Any) -> None:
        await self._send_json({"type": "reply", "id": command_id, "ok": True, **fields})

    async def _refuse(self, command_id: Any, error: ChatError | ProviderError) -> None:
        shown = (
            error.as_json()
            if isinstance(error, ChatError)
            else {"code": error.code, "message": error.message}
        )
        REFUSALS.labels(error.code).inc()
        await self._send_json({"type": "reply", "id": command_id, "ok": False, "error": shown})

    async def _send_json(self, value: dict[str, Any]) -> None:
        await self._send(orjson.dumps(value).decode())

    async def _send(self, frame: str) -> None:
        """Returns when the transport has room again. What is closed, or closing, is sent nothing."""
        if not self._is_open:
            return
        self._flow.begin(len(frame), time.monotonic())
        try:
            await self.base_send({"type": "websocket.send", "text": frame})
        except OSError:  # what uvicorn says when the other side was faster to close
            self._is_open = False
        finally:
            self._flow.end(len(frame), time.monotonic())

    # --- the end ------------------------------------------------------------------------

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        if self._is_open:
            self._let_go()
            KICKS.labels(str(code)).inc()
            await super().close(code, reason)

    def _close_soon(self, code: int, reason: str | None = None) -> None:
        if self._is_open:
            _soon(self.close(code, reason))

    def _let_go(self) -> None:
        self._is_open = False
        for lane in (self._lane, *self._ahead.values()):
            lane.stop()
        if self._hub:
            for session_id in list(self._viewers):
                self._unsubscribe(session_id)
            if hasattr(self, "caller"):
                self._hub.guard.leave(self)

    # --- who it is ----------------------------------------------------------------------

    @property
    def _user(self) -> Person:
        return self.caller.user

    async def _authenticated(self, headers: dict[str, str]) -> Caller:
        """Raises NotSignedIn."""
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        if key := key_from(headers):
            return Caller.by_key(await in_database(user_of_key, key), key)
        if ticket := query.get("ticket", [""])[0]:
            return Caller(await in_database(user_of_ticket, ticket))
        person: Person = self.scope["user"]
        if not person.is_authenticated or not person.is_active:
            raise NotSignedIn
        return Caller.by_cookie(person, self.scope["session"])


def _soon(job: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(job)
    _jobs.add(task)
    task.add_done_callback(_jobs.discard)


def _id_of(frame: str) -> Any:
    """The command's own id, also of a command that is not understood."""
    try:
        value = orjson.loads(frame)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None
