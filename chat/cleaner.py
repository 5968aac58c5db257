"""Throws away old events and what nobody can reach any more."""

import logging

from chat.actions.budgets import counters_clean
from chat.actions.cleaning import events_prune, memory_clean, orphans_delete, temporary_delete
from chat.actions.drafts import drafts_clean
from chat.actions.files import files_clean
from chat.actions.indexing import texts_index_all
from chat.actions.lifetimes import sessions_expire
from chat.actions.tool_calls import calls_expire
from chat.db import in_database

logger = logging.getLogger(__name__)


async def clean() -> None:
    pruned, lost = await in_database(events_prune), await in_database(orphans_delete)
    for cleaned in (
        files_clean,
        drafts_clean,
        memory_clean,
        calls_expire,
        texts_index_all,
        counters_clean,
        sessions_expire,
        temporary_delete,
    ):
        await in_database(cleaned)
    logger.info("cleaner: %d events of ended runs, %d without an owner", pruned, lost)
