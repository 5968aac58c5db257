"""The streaming guide's WebSocket: `/api/streaming/ws/<user>?session_id=`. docs/doors.md lists its frames.

One answer at a time; nothing of it is kept but feedback.
"""

import asyncio
import logging
import time
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
import orjson

from chat.actions.feedback import GivenFeedback, feedback_give
from chat.commands import command_from, refuse_nul
from chat.db import AWAY, in_database
from chat.dialects.contract import Dialect
from chat.dialects.streaming_guide import GuideSocket
from chat.errors import ChatError, Conflict, Invalid, Unavailable
from chat.gateway.edge import decode
from chat.gateway.guide_request import GuideBody, context_for, decoder, sourced_answers
from chat.guard import Caller
from chat.metrics import REFUSALS
from chat.sockets import OpenSocket
from providers.errors import ProviderError
from providers.events import Abort, RunEnd

logger = logging.getLogger(__name__)

MOST_NAME: Final = 200  # characters of a session's name


class _Frame(msgspec.Struct):
    message_type: str
    data: dict[str, Any] = {}


_frames: Final = msgspec.json.Decoder(_Frame)


class GuideConsumer(OpenSocket):
    goodbye = {"message_type": "goaway", "data": {"reason": "restart"}}

    def __init__(self) -> None:
        super().__init__()
        self._work: asyncio.Task[None] | None = None
        self._take_of = {
            "chat_request": self._chat,
            "cancel": self._cancel,
            "ping": self._ping,
            "feedback": self._feedback,
        }

    def _may_enter(self, caller: Caller) -> bool:
        """`<user>` is the caller, by id or by name."""
        return self.scope["url_route"]["kwargs"]["user"] in (str(caller.user.pk), caller.user.get_username())

    def _drop(self) -> None:
        if self._work:
            self._work.cancel()

    async def _take(self, frame: str | None) -> None:
        try:
            if frame is None:
                raise Invalid("Send JSON text frames.", code="binary_frame")
            refuse_nul(frame)
            asked = decode(frame.encode(), _frames)
            take = self._take_of.get(asked.message_type)
            if take is None:
                known = ", ".join(self._take_of)
                raise Invalid(f"There is no such type; there are: {known}.", field="message_type")
            await take(asked.data)
        except Exception as error:
            await self._refuse(error)

    # --- what is asked ------------------------------------------------------------------

    async def _chat(self, data: dict[str, Any]) -> None:
        if self._is_busy:
            raise Conflict("An answer is still being written here.", code="run_active", retryable=True)
        body = decode(msgspec.json.encode(data), decoder)
        self._work = asyncio.create_task(self._answer(body))

    async def _cancel(self, data: dict[str, Any]) -> None:
        """The answer ends with `abort`; whether there was one is told after it."""
        work, busy = self._work, self._is_busy
        if work and busy:
            work.cancel()
            await asyncio.wait([work])
            await self._send(self._dialect("").encode(Abort()).decode())
        await self._tell("cancelled", {"cancelled": busy})

    async def _ping(self, data: dict[str, Any]) -> None:
        await self._tell("pong", {"timestamp": int(time.time() * 1000)})

    async def _feedback(self, data: dict[str, Any]) -> None:
        given = command_from(GivenFeedback, {"session_id": self._session, **data})
        kept = await in_database(feedback_give, user=self.caller.user, given=given)
        await self._tell("feedback_received", {"id": str(kept.id)})

    @property
    def _is_busy(self) -> bool:
        return self._work is not None and not self._work.done()

    # --- what is told -------------------------------------------------------------------

    async def _answer(self, body: GuideBody) -> None:
        """Its end is told when nothing is left to do: the next request may come at once."""
        try:
            end = await self._tell_answer(body)
        except Exception as error:
            end = _refusal(error)
        self._work = None
        await self._send(end)

    async def _tell_answer(self, body: GuideBody) -> str:
        """All of it but the frame that ends it."""
        dialects: dict[str, Dialect] = {}
        end = ""
        async with aclosing(await sourced_answers(body, self.caller)) as told:
            async for source, event in told:
                dialect = dialects[source] = dialects.get(source) or self._dialect(source, body)
                frame = dialect.encode(event).decode()
                if end:  # of another source
                    await self._send(end)
                end = frame if isinstance(event, RunEnd) else ""
                if frame and not end:
                    await self._send(frame)
        return end

    def _dialect(self, source: str, body: GuideBody | None = None) -> Dialect:
        return GuideSocket(context_for(source, (body and body.session_id) or self._session))

    @property
    def _session(self) -> str:
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        name: str = query.get("session_id", [""])[0]
        return name[:MOST_NAME]

    async def _refuse(self, error: Exception) -> None:
        await self._send(_refusal(error))

    async def _tell(self, kind: str, data: dict[str, Any]) -> None:
        await self._send(_written(kind, data))


def _written(kind: str, data: dict[str, Any]) -> str:
    return orjson.dumps({"message_type": kind, "data": data}).decode()


def _refusal(error: Exception) -> str:
    told = _as_told(error)
    REFUSALS.labels(told["code"]).inc()
    return _written("error", told)


def _as_told(error: Exception) -> dict[str, Any]:
    if isinstance(error, ChatError):
        return error.as_json()
    if isinstance(error, ProviderError):
        return {"code": error.code, "message": error.message, "retryable": error.retryable}
    if isinstance(error, AWAY):
        logger.error("guide socket: the database is away: %s", error)
        return Unavailable().as_json()
    logger.error("guide socket: a frame failed", exc_info=error)
    return ChatError().as_json()
