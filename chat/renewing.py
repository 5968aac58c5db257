"""Keeps what answers that nobody keeps have reserved from budgets while this process gives them, and gives
back what dead processes left."""

import asyncio
import logging
from typing import Final
from uuid import UUID

from chat.actions.usage import calls_renew, reservations_release
from chat.db import in_database

logger = logging.getLogger(__name__)

EVERY: Final = 10.0  # seconds; a third of a reservation's lease

held: Final[set[UUID]] = set()  # by id, the answers of this process that have a reservation


class Renewing:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._renew())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                if held:
                    await in_database(calls_renew, ids=list(held))
                if given_back := await in_database(reservations_release):
                    logger.warning("budgets: %d reservations were left behind", given_back)
            except Exception:
                logger.exception("budgets: could not reach the database")
