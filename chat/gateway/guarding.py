"""Answers that nobody keeps, as open connections: they end when their caller's rights do."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Final

from chat.guard import Caller
from chat.runtime import runtime
from providers.events import Error, RunEvent

SIGNED_OUT: Final = Error(code="not_signed_in", message="This key or sign-in is not valid any more.")

Events = AsyncGenerator[RunEvent, None]


async def guarded(events: Events, caller: Caller) -> Events:
    """`events`, until the caller may have them no longer: then an error ends them. Closing it closes them."""
    guard = (await runtime()).hub.guard
    connection = _OpenAnswer(caller)
    guard.enter(connection)
    try:
        async with aclosing(events):
            while event := await connection.next(events):
                yield event
        if connection.is_over:
            yield SIGNED_OUT
    finally:
        guard.leave(connection)


class _OpenAnswer:
    kind = "answer"
    session_ids: Collection[str] = ()

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.is_over = False
        self._limit: asyncio.Timeout | None = None

    async def next(self, events: Events) -> RunEvent | None:
        """None where they are at their end, or the caller has no right to more."""
        if self.is_over:
            return None
        try:
            async with asyncio.timeout(None) as self._limit:
                return await anext(events, None)
        except TimeoutError:
            if not self.is_over:
                raise
            return None
        finally:
            self._limit = None

    # --- for the guard ------------------------------------------------------------------

    def sign_out(self) -> None:
        self.is_over = True
        if self._limit:
            self._limit.reschedule(asyncio.get_running_loop().time())

    def lose(self, session_id: str) -> None:
        """It looks at none."""

    def keep_pace(self, now: float) -> None:
        """Its transport is not in our hands."""

    async def go_away(self) -> None:
        """No other process could go on with it: it has the time that the server gives to open requests."""
