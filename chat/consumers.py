"""The native WebSocket: frames in, commands; entries of the log out. docs/protocol.md is its contract."""

import logging
import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson

from chat import commands, performing
from chat.access import Person, session_to_comment
from chat.commands import AnyCommand, Subscribe, decode_command
from chat.db import AWAY, in_database
from chat.errors import ChatError, Conflict, Invalid, NotFound, Unavailable
from chat.events import Entry
from chat.lanes import Lane
from chat.metrics import REFUSALS
from chat.snapshots import Position, canonical_id, next_frame, resume_streams, snapshot
from chat.sockets import FAILED, OpenSocket, soon
from chat.viewers import Viewer
from providers.errors import ProviderError

logger = logging.getLogger(__name__)

PROTOCOL: Final = "parley.v1"
SUBSCRIPTIONS: Final = 100  # sessions that one socket may look at


class ChatConsumer(OpenSocket):
    protocol = PROTOCOL
    scope_needed = "read"  # commands that change something ask for more

    def __init__(self) -> None:
        super().__init__()
        self._viewers: dict[str, Viewer] = {}
        # A long snapshot on a thin line, or a pong that finds no room, must not keep a stop waiting.
        self._ahead: dict[type[AnyCommand], Lane] = {
            kind: Lane(self._answer) for kind in (commands.Ping, commands.CancelRun)
        }
        self._lane = Lane(self._answer)

    async def _take(self, frame: str | None) -> None:
        command_id = _id_of(frame) if frame is not None else None
        try:
            if frame is None:
                raise Invalid("Send JSON text frames.", code="binary_frame")
            command = decode_command(frame)
        except ChatError as error:
            await self._refuse(command_id, error)
            return
        if isinstance(command, commands.Ack):
            self._flow.acknowledge(command.position, time.monotonic())
        else:
            await self._ahead.get(type(command), self._lane).put(command, len(frame))

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
                session = await in_database(session_to_comment, self._user, command.session_id)
                self._hub.presence.typing(str(session.id), self._user)
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
            position = await self._send_snapshot(session_id, command.newest_first)
        await self._reply(command.id, position=position)
        if self._is_open:
            viewer = self._viewers[session_id] = Viewer(session_id, position, self)
            self._hub.presence.join(session_id, self)
            await self._hub.join(viewer, lambda _: self._close_soon(FAILED))

    async def _send_snapshot(self, session_id: str, newest_first: bool) -> Position:
        """Frame by frame: the next one is read when there is room for it."""
        state = await in_database(snapshot, self._user, session_id, newest_first=newest_first)
        await self._send(state.frame)
        while state.more and self._is_open:
            await in_database(next_frame, self._user, state)
            await self._send(state.frame)
        return state.position

    def _unsubscribe(self, session_id: str) -> None:
        if viewer := self._viewers.pop(session_id, None):
            self._hub.leave(viewer)
            self._hub.presence.leave(session_id, self)
            self._flow.restart()

    # --- as a reader (chat/viewers.py) --------------------------------------------------

    @property
    def is_slow(self) -> bool:
        return self._flow.is_slow(time.monotonic())

    async def show(self, entry: Entry) -> None:
        await self._flow.room()
        await self._send(entry.frame)
        self._flow.count(entry.stream, entry.seq, len(entry.frame), time.monotonic())

    # --- as one who is there (chat/presence.py) -----------------------------------------

    def show_presence(self, frame: Mapping[str, Any]) -> bool:
        if self.is_slow:
            return False
        soon(self._send_json(dict(frame)))
        return True

    # --- as an open connection (chat/guard.py) ------------------------------------------

    @property
    def session_ids(self) -> Collection[str]:
        return self._viewers.keys()

    def lose(self, session_id: str) -> None:
        self._unsubscribe(session_id)
        frame = {"type": "unsubscribed", "session_id": session_id, "error": NotFound().as_json()}
        soon(self._send_json(frame))

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

    # --- the end ------------------------------------------------------------------------

    def _drop(self) -> None:
        for lane in (self._lane, *self._ahead.values()):
            lane.stop()
        for session_id in list(self._viewers):
            self._unsubscribe(session_id)

    @property
    def _user(self) -> Person:
        return self.caller.user


def _id_of(frame: str) -> Any:
    """The command's own id, also of a command that is not understood."""
    try:
        value = orjson.loads(frame)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None
