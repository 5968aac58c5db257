"""What every WebSocket of ours holds to: who is let in, how much and how fast it may say, how its reader
keeps up, and that it ends when its caller's rights or the process do.

A door is a subclass that says what it makes of a frame.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Coroutine
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from chat import runtime
from chat.access import Person
from chat.accounts.second_steps import require_second_step
from chat.authentication import in_scope, key_from, user_of_key, user_of_ticket
from chat.commands import MAX_FRAME
from chat.db import in_database
from chat.errors import NotSignedIn
from chat.flow import Allowance, Flow
from chat.guard import Caller
from chat.logs import begin_request
from chat.metrics import KICKS
from chat.origins import is_own_origin
from chat.seats import Seats, seat_rules
from chat.shutdown import is_going

logger = logging.getLogger(__name__)

TOO_BIG: Final = 1009
FAILED: Final = 1011
GOING_AWAY: Final = 1012  # service restart: reconnect
TOO_SLOW: Final = 4008
TOO_MANY_COMMANDS: Final = 4013
NOT_SIGNED_IN: Final = 4401
NOT_ALLOWED: Final = 4403
TOO_MANY_SOCKETS: Final = 4429

MOST_REASON: Final = 100  # characters of a close frame's reason, which has room for 123 bytes
COMMANDS_PER_SECOND: Final = 100
_jobs: set["asyncio.Task[None]"] = set()


class OpenSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    # No layer channel per socket: the hub listens once for the whole process.
    channel_layer_alias = "none"

    kind: ClassVar[str] = "socket"
    protocol: ClassVar[str] = ""  # the subprotocol that is taken where it is offered
    scope_needed: ClassVar[str] = "chat"  # of a key
    goodbye: ClassVar[dict[str, Any]] = {"type": "goaway", "reason": "restart"}
    caller: Caller

    def __init__(self) -> None:
        super().__init__()
        self._is_open = False
        self._hub: Any = None
        self._flow = Flow()
        self._seats = Seats()
        self._allowance = Allowance(COMMANDS_PER_SECOND)

    # --- what a door adds ---------------------------------------------------------------

    async def _take(self, frame: str | None) -> None:
        """A frame within the limits; None for one that is no text."""
        raise NotImplementedError

    def _may_enter(self, caller: Caller) -> bool:
        """Whether this path is for the caller."""
        return True

    def _drop(self) -> None:
        """Let go of what the door holds. May be called again."""

    # --- frames in ----------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """However it ends, also when the server cancels it, nothing of it stays."""
        begin_request()
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
        await self.accept(self.protocol if self.protocol in offered else None)
        self._is_open = True
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        try:
            caller = await self._authenticated(headers)
        except NotSignedIn:
            await self.close(NOT_SIGNED_IN)
            return
        refusal = await self._refusal(caller, headers)
        if refusal:
            await self.close(*refusal)
        elif is_going() and settings.REDIS_URL:  # the balancer has not noticed yet: another one will serve
            await self.go_away()
        else:
            self.caller = caller
            self._hub.guard.enter(self)

    async def _refusal(self, caller: Caller, headers: dict[str, str]) -> tuple[int, str] | None:
        """The code and the reason to close with."""
        if caller.cookie and not is_own_origin(headers.get("origin"), headers.get("host", "")):
            return NOT_ALLOWED, "foreign origin"
        if not in_scope(caller.user, self.scope_needed):
            return NOT_ALLOWED, f"the key has no scope {self.scope_needed}"
        if not self._may_enter(caller):
            return NOT_ALLOWED, "not your path"
        if self._hub.guard.count(caller.user) >= settings.SOCKETS_PER_USER:
            return TOO_MANY_SOCKETS, "too many connections"
        full = await self._seats.take(await in_database(seat_rules, caller), caller.user.pk)
        return (TOO_MANY_SOCKETS, f"{full.sockets} connections ({full.of})"[:MOST_REASON]) if full else None

    async def disconnect(self, code: int) -> None:
        self._let_go()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._is_open:
            return
        if not self._allowance.take(time.monotonic()):
            await self.close(TOO_MANY_COMMANDS, f"more than {COMMANDS_PER_SECOND} commands a second")
        elif len(text_data or bytes_data or "") > MAX_FRAME:
            await self.close(TOO_BIG, "the frame is too large")
        else:
            await self._take(text_data)

    # --- as an open connection (chat/guard.py) ------------------------------------------

    @property
    def session_ids(self) -> Collection[str]:
        return ()

    def lose(self, session_id: str) -> None:
        """For doors that look at sessions."""

    def sign_out(self) -> None:
        self._close_soon(NOT_SIGNED_IN)

    def keep_pace(self, now: float) -> None:
        if self._is_open and self._flow.is_stuck(now, settings.SLOW_READER_SECONDS):
            logger.info("socket: a reader of %s is stuck", ", ".join(self.session_ids) or "nothing")
            self._close_soon(TOO_SLOW, "too slow")

    async def go_away(self) -> None:
        await self._send_json(self.goodbye)
        await self.close(GOING_AWAY, "restart")

    # --- frames out ---------------------------------------------------------------------

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
            soon(self.close(code, reason))

    def _let_go(self) -> None:
        self._is_open = False
        self._drop()
        self._seats.leave()
        if self._hub and hasattr(self, "caller"):
            self._hub.guard.leave(self)

    # --- who it is ----------------------------------------------------------------------

    async def _authenticated(self, headers: dict[str, str]) -> Caller:
        """Raises NotSignedIn."""
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        if key := key_from(headers):
            return Caller.by_key(await in_database(user_of_key, key))
        if ticket := query.get("ticket", [""])[0]:
            return Caller.by_key(await in_database(user_of_ticket, ticket))
        person: Person = self.scope["user"]
        if not person.is_authenticated or not person.is_active:
            raise NotSignedIn
        await in_database(require_second_step, person)
        return Caller.by_cookie(person, self.scope["session"])


def soon(job: Coroutine[Any, Any, None]) -> None:
    """Beside whatever goes on."""
    task = asyncio.ensure_future(job)
    _jobs.add(task)
    task.add_done_callback(_jobs.discard)
