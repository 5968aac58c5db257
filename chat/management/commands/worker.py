"""`manage.py worker`: execute runs, and nothing else. Any number of them, on any number of machines.

Needs REDIS_URL, over which it is woken, and the same database as the web processes.
"""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.runtime import Runtime
from chat.shutdown import until_terminated


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError("A worker needs REDIS_URL. Without it the web process executes the runs.")
        asyncio.run(_work())


async def _work() -> None:
    runtime = Runtime(executes=True, serves=False)
    await runtime.started
    await until_terminated()
    await runtime.drain()
    await runtime.stop()
