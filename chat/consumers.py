"""The native WebSocket: frames in, commands; entries of the log out. docs/protocol.md is its contract."""

import asyncio
import logging
import time
from typing import Any, Final, cast
from urllib.parse import parse_qs

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer

from chat import performing, runtime
from chat.access import Person, session_for
from chat.authentication import key_from, user_of_key, user_of_ticket
from chat.commands import MAX_FRAME, Ack, AnyCommand, Ping, Subscribe, Typing, Unsubscribe, decode_command
from chat.db import in_database
from chat.errors import ChatError, Invalid, NotSignedIn
from chat.events import Entry
from chat.hub import Viewer
from chat.origins import is_own_origin
from chat.snapshots import resume_streams, snapshot
from providers.errors import ProviderError

logger = logging.getLogger(__name__)

PROTOCOL: Final = "parley.v1"
NOT_SIGNED_IN: Final = 4401
NOT_ALLOWED: Final = 4403
TOO_BIG: Final = 1009
GOING_AWAY: Final = 1012  # service restart: reconnect


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    # No layer channel per socket: the hub listens once for the whole process.
    channel_layer_alias = "none"

    user: Person
    viewers: dict[str, Viewer]

    async def connect(self) -> None:
        self.viewers = {}
        self.runtime = await runtime.runtime()
        offered = self.scope.get("subprotocols", [])
        await self.accept(PROTOCOL if PROTOCOL in offered else None)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        try:
            self.user = await self._caller(headers)
        except NotSignedIn:
            await self.close(NOT_SIGNED_IN)
            return
        if not self._by_key and not is_own_origin(headers.get("origin"), headers.get("host", "")):
            await self.close(NOT_ALLOWED)
            return
        self.runtime.hub.attend(self.go_away)

    async def go_away(self) -> None:
        await self._send_json({"type": "goaway", "reason": "restart"})
        await self.close(GOING_AWAY)

    async def disconnect(self, code: int) -> None:
        self.runtime.hub.forget(self.go_away)
        for session_id in list(self.viewers):
            await self._unsubscribe(session_id)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if len(text_data or bytes_data or "") > MAX_FRAME:
            await self.close(TOO_BIG)
            return
        command_id: Any = None
        try:
            if text_data is None:
                raise Invalid("Send JSON text frames.", code="binary_frame")
            command_id = _id_of(text_data)
            command = decode_command(text_data)
            await self._handle(command)
        except (ChatError, ProviderError) as error:
            await self._refuse(command_id, error)
        except Exception:
            logger.exception("socket: a command failed")
            await self._refuse(command_id, ChatError())

    # --- commands -----------------------------------------------------------------------

    async def _handle(self, command: AnyCommand) -> None:
        match command:
            case Subscribe():
                await self._subscribe(command)
            case Unsubscribe():
                await self._unsubscribe(command.session_id)
                await self._reply(command.id)
            case Ping():
                await self._send_json({"type": "pong", "id": command.id, "ts": int(time.time() * 1000)})
            case Ack():
                pass
            case Typing():
                await in_database(session_for, self.user, command.session_id)
                await self._reply(command.id)
            case _:
                await self._reply(command.id, **await in_database(performing.perform, self.user, command))

    async def _subscribe(self, command: Subscribe) -> None:
        """Listen first, look second: what is committed in between is found by its number."""
        hub = self.runtime.hub
        session_id = str((await in_database(session_for, self.user, command.session_id)).id)
        await hub.listen(session_id)
        position = None
        if command.position is not None:
            position = await in_database(resume_streams, self.user, session_id, command.position)
        if position is None:
            state = await in_database(snapshot, self.user, session_id)
            position = state["position"]
            await self._send_json(state)
        await self._reply(command.id, position=position)
        await self._unsubscribe(session_id)
        await hub.listen(session_id)
        viewer = self.viewers[session_id] = Viewer(session_id, position, self._show)
        hub.join(viewer, self._viewer_ended)

    async def _unsubscribe(self, session_id: str) -> None:
        if viewer := self.viewers.pop(session_id, None):
            await self.runtime.hub.leave(viewer)

    # --- frames out ---------------------------------------------------------------------

    async def _show(self, entry: Entry) -> None:
        await self.send(text_data=entry.frame)

    async def _reply(self, command_id: Any, **fields: Any) -> None:
        await self._send_json({"type": "reply", "id": command_id, "ok": True, **fields})

    async def _refuse(self, command_id: Any, error: ChatError | ProviderError) -> None:
        shown = (
            error.as_json()
            if isinstance(error, ChatError)
            else {"code": error.code, "message": error.message}
        )
        await self._send_json({"type": "reply", "id": command_id, "ok": False, "error": shown})

    async def _send_json(self, value: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(value).decode())

    def _viewer_ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            logger.error("socket: a viewer failed", exc_info=error)
            self._closing = asyncio.ensure_future(self.close(1011))

    # --- who it is ----------------------------------------------------------------------

    @property
    def _by_key(self) -> bool:
        return self._carrier != "cookie"

    async def _caller(self, headers: dict[str, str]) -> Person:
        """Raises NotSignedIn."""
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        self._carrier = "key"
        if key := key_from(headers):
            return cast("Person", await in_database(user_of_key, key))
        if ticket := query.get("ticket", [""])[0]:
            return cast("Person", await in_database(user_of_ticket, ticket))
        self._carrier = "cookie"
        person: Person = self.scope["user"]
        if not person.is_authenticated or not person.is_active:
            raise NotSignedIn
        return person


def _id_of(frame: str) -> Any:
    """The command's own id, also of a command that is not understood."""
    try:
        value = orjson.loads(frame)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None
