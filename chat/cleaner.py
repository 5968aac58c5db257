"""Throws away old events from time to time, in every process that executes runs."""

import asyncio
import logging

from django.conf import settings

from chat.actions.budgets import counters_clean
from chat.actions.cleaning import events_prune, memory_clean, orphans_delete, temporary_delete
from chat.actions.drafts import drafts_clean
from chat.actions.files import files_clean
from chat.actions.indexing import texts_index_all
from chat.actions.lifetimes import sessions_expire
from chat.actions.tool_calls import calls_expire
from chat.db import in_database

logger = logging.getLogger(__name__)


class Cleaner:
    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._clean())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _clean(self) -> None:
        """Not at once: a start has better things to do, and a crash loop should not clean all the time."""
        while True:
            await asyncio.sleep(settings.CLEANUP_SECONDS)
            try:
                pruned, lost = await in_database(events_prune), await in_database(orphans_delete)
                await in_database(files_clean)
                await in_database(drafts_clean)
                await in_database(memory_clean)
                await in_database(calls_expire)
                await in_database(texts_index_all)
                await in_database(counters_clean)
                await in_database(sessions_expire)
                await in_database(temporary_delete)
                logger.info("cleaner: %d events of ended runs, %d without an owner", pruned, lost)
            except Exception:
                logger.exception("cleaner: could not reach the database")
