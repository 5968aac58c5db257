"""Looks at the server from time to time, and tells of what is wrong: in every process that executes runs,
of which one at a time decides."""

import logging

from django.conf import settings

from chat.actions.alerts import alert_told, alerts_keep, alerts_owed
from chat.actions.duties import duty_take
from chat.db import in_database
from chat.metrics import RUN_QUEUE, RUN_QUEUE_AGE
from chat.watch.looking import found, queue
from chat.watch.telling import PATIENCE, tell, ways

logger = logging.getLogger(__name__)


async def look(owner: str) -> None:
    """`owner` names this process."""
    waiting = await in_database(queue)
    RUN_QUEUE.set(waiting.length)
    RUN_QUEUE_AGE.set(waiting.oldest)
    lease = 3 * settings.WATCH_SECONDS + PATIENCE
    if await in_database(duty_take, name="watch", owner=owner, seconds=lease):
        await in_database(alerts_keep, found=await in_database(found), ways=ways())
        await _tell_all()


async def _tell_all() -> None:
    for alert in await in_database(alerts_owed):
        for way, word in list(alert.owed):
            try:
                await tell(alert, way, word)
            except Exception as error:
                logger.warning("watch: %s by %s is told later: %r", alert, way, error)
            else:
                await in_database(alert_told, alert=alert, way=way, word=word)
