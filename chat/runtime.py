"""What a process runs beside its requests: the hub, the log's writer, the runner pool, the publisher.

Started once per event loop: at boot where the server offers a hook, otherwise with the first connection.
"""

import asyncio
import logging
import os
import socket
import uuid
from functools import partial

from django.conf import settings
from django.utils.module_loading import import_string

from chat.actions.takeover import runs_take_over_all
from chat.allocator import few_heaps
from chat.alone import joining
from chat.cleaner import clean
from chat.db import in_database
from chat.guard import KINDS
from chat.hub import Hub
from chat.loops import use_loop
from chat.metrics import ACTIVE_RUNS, SOCKETS
from chat.publishing import Publisher
from chat.renewing import EVERY, renew
from chat.repeating import Repeating
from chat.runner.adapting import OpenAnswers
from chat.runner.pool import RunnerPool
from chat.runner.writer import GroupCommit
from chat.shutdown import announce
from chat.tools.servers import close_servers, enabled_servers, refresh_lists
from chat.watch.canary import Canary
from chat.watch.watcher import look
from providers import price_list
from providers.catalogue import kinds_in_use
from providers.health_checks import health_check_due, seconds_between_checks
from providers.http import close_client
from providers.local import look_for_local_servers
from providers.registry import preload
from providers.switchboard import close_switchboard, switchboard

logger = logging.getLogger(__name__)


class Runtime:
    """`executes` runs, `serves` viewers, or both."""

    def __init__(self, *, executes: bool, serves: bool) -> None:
        self.owner = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self.loop = asyncio.get_running_loop()
        self.hub = Hub()
        self.writer = GroupCommit()
        self.answers = OpenAnswers(self.writer.pace)
        self.publisher = Publisher()
        self.pool = RunnerPool(self.owner, self.writer)
        self._chores = _chores(self.owner, self.hub, executes=executes, serves=serves)
        self._executes = executes
        self._serves = serves
        self._drained = False
        self.started = self.loop.create_task(self._start())

    async def _start(self) -> None:
        few_heaps()
        use_loop(self.loop)
        if settings.TRACES:
            import_string("chat.watch.exporting.start_exporting")()  # an extra package
        ACTIVE_RUNS.set_function(lambda: self.pool.active)
        gauges = switchboard().gauges
        gauges["processes"] = lambda: 1
        gauges["serving"] = lambda: int(self._serves)
        gauges["executing"] = lambda: int(self._executes)
        gauges["connections"] = lambda: len(self.hub.guard)
        for kind in KINDS:
            gauges[kind] = partial(self.hub.guard.count_of, kind)
            SOCKETS.labels(kind).set_function(gauges[kind])
        self.publisher.start()
        if self._serves:
            await self.hub.start()
        if self._executes:
            await in_database(_take_over_if_alone)
            self.writer.start()
            self.pool.start()
            self._warming = self.loop.create_task(self._warm_up())
        for chore in self._chores:
            chore.start()

    async def _warm_up(self) -> None:
        """The SDKs take seconds to import. Nobody waits for it but the first run, if it comes too soon."""
        try:
            await in_database(lambda: preload(kinds_in_use()))
            await asyncio.to_thread(price_list.preload)
            await refresh_lists(await in_database(enabled_servers))
        except Exception:
            logger.exception("runtime: could not import the adapters ahead, or list tools")
        try:
            await look_for_local_servers()
        except Exception:
            logger.exception("runtime: could not look for model servers on this machine")

    async def drain(self) -> None:
        """Before the end: no new runs, those that are running get their time, the rest is handed over.

        Viewers leave first where another process can serve them, and last where there is none.
        """
        announce()
        if self._drained:
            return
        self._drained = True
        if settings.REDIS_URL:
            await self.hub.send_away()
        await self.pool.drain(settings.DRAIN_SECONDS)
        await self.hub.send_away()

    async def stop(self) -> None:
        use_loop(None)
        for chore in self._chores:
            await chore.stop()
        await self.pool.close()
        await self.writer.stop()
        await self.hub.stop()
        await self.publisher.stop()
        await close_servers()
        await close_switchboard()
        await close_client()


def _chores(owner: str, hub: Hub, *, executes: bool, serves: bool) -> list[Repeating]:
    chores = [Repeating(renew, EVERY, "budgets: could not reach the database")]
    if serves and settings.CANARY_MODEL:
        sing = Canary(owner, hub).sing
        chores += [Repeating(sing, settings.CANARY_SECONDS, "canary: could not be sent")]
    if executes:
        chores += [
            Repeating(clean, settings.CLEANUP_SECONDS, "cleaner: could not reach the database"),
            Repeating(health_check_due, seconds_between_checks(), "providers: could not test them"),
            Repeating(partial(look, owner), settings.WATCH_SECONDS, "watch: could not look"),
        ]
    return chores


def _take_over_if_alone() -> None:
    """What a crash left behind need not wait for its leases. Anything that fails here the sweeper does."""
    with joining() as alone:
        if not alone:
            return
        try:
            runs_take_over_all()
        except Exception:
            logger.exception("runtime: what was left behind is left to the sweeper")


_current: Runtime | None = None


async def runtime() -> Runtime:
    """This process's runtime, started if it is not yet."""
    global _current
    loop = asyncio.get_running_loop()
    if _current is None or _current.loop is not loop:
        _current = Runtime(executes=settings.RUN_IN_WEB, serves=True)
    await asyncio.shield(_current.started)
    return _current


async def farewell() -> None:
    """While the server still serves: readers leave. Where no other process can serve them, runs end first."""
    if settings.REDIS_URL:
        await (await runtime()).hub.send_away()
    else:
        await (await runtime()).drain()


async def shutdown() -> None:
    global _current
    if _current is not None and _current.loop is asyncio.get_running_loop():
        await _current.drain()
        await _current.stop()
        _current = None
