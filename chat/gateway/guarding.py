"""Answers that nobody keeps, as open connections: they end when their caller's rights do."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from typing import Any, Final

from chat.guard import Caller
from chat.runtime import runtime
from providers.events import Error, RunEvent

SIGNED_OUT: Final = Error(code="not_signed_in", message="This key or sign-in is not valid any more.")

Events = AsyncGenerator[RunEvent, None]


async def guarded(events: Events, caller: Caller) -> Events:
    """`events`, until the caller may have them no longer: then an error ends them. Closing it closes them."""
    here = await runtime()
    connection = _OpenAnswer(caller)
    here.hub.guard.enter(connection)
    here.answers.enter()
    try:
        async with aclosing(events):
            while event := await connection.next(events):
                yield event
        if connection.is_over:
            yield SIGNED_OUT
    finally:
        here.answers.leave()
        here.hub.guard.leave(connection)


class _OpenAnswer:
    kind = "answer"
    session_ids: Collection[str] = ()

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.is_over = False
        self._waiting: asyncio.Task[Any] | None = None

    async def next(self, events: Events) -> RunEvent | None:
        """None where they are at their end, or the caller has no right to more."""
        if self.is_over:
            return None
        waiting = self._waiting = asyncio.current_task()
        try:
            return await anext(events, None)
        except asyncio.CancelledError:
            if waiting is None or not self.is_over or waiting.uncancel():
                raise
            return None
        finally:
            self._waiting = None

    # --- for the guard ------------------------------------------------------------------

    def sign_out(self) -> None:
        if not self.is_over and self._waiting:
            self._waiting.cancel()
        self.is_over = True

    def lose(self, session_id: str) -> None:
        """It looks at none."""

    def keep_pace(self, now: float) -> None:
        """Its transport is not in our hands."""

    async def go_away(self) -> None:
        """No other process could go on with it: it has the time that the server gives to open requests."""
