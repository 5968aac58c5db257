"""Keeps what answers that nobody keeps have reserved from budgets while this process gives them, and gives
back what dead processes left."""

import logging
from typing import Final
from uuid import UUID

from chat.actions.usage import calls_renew, reservations_release
from chat.db import in_database

logger = logging.getLogger(__name__)

EVERY: Final = 10.0  # seconds; a third of a reservation's lease

held: Final[set[UUID]] = set()  # by id, the answers of this process that have a reservation


async def renew() -> None:
    if held:
        await in_database(calls_renew, ids=list(held))
    if given_back := await in_database(reservations_release):
        logger.warning("budgets: %d reservations were left behind", given_back)
