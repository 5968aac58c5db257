"""`manage.py worker`: execute runs, and nothing else. Any number of them, on any number of machines.

Needs REDIS_URL, over which it is woken, and the same database as the web processes. What it counts is at
http://PARLEY_WORKER_METRICS/metrics, without a key: give it an address that only the monitoring can reach.
"""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import start_http_server

from chat.runtime import Runtime
from chat.shutdown import until_terminated


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            raise CommandError("A worker needs REDIS_URL. Without it the web process executes the runs.")
        serve_metrics(settings.WORKER_METRICS)
        asyncio.run(_work())


def serve_metrics(address: str) -> None:
    """`host:port`, or `port` on the loopback interface; nowhere where it is empty. Raises CommandError."""
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        start_http_server(int(port), host.strip("[]") or "127.0.0.1")
    except (ValueError, OverflowError, OSError) as error:
        raise CommandError(f"PARLEY_WORKER_METRICS: cannot listen at {address!r}: {error}") from None


async def _work() -> None:
    runtime = Runtime(executes=True, serves=False)
    await runtime.started
    await until_terminated()
    await runtime.drain()
    await runtime.stop()
