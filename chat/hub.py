"""One hub per web process: receives each batch once and hands it to the viewers of that session here.

The channel layer may drop, delay or be away: it is a bell. What the bell missed is found in the log.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from channels.layers import get_channel_layer
from django.conf import settings

from chat.db import in_database
from chat.events import Batch
from chat.guard import Guard
from chat.listening import Listening
from chat.log import last_seqs
from chat.loops import ended
from chat.metrics import VIEWERS
from chat.presence import Presence
from chat.publishing import deliver_here
from chat.viewers import Viewer

logger = logging.getLogger(__name__)

Failed = Callable[[BaseException], None] | None

CHECK_SECONDS: Final = 1.0  # how often what the layer may have dropped is looked for


class Hub:
    """`guard` knows the open connections, those without viewers too; `presence` tells them of each other."""

    def __init__(self) -> None:
        self.guard = Guard()
        self.presence = Presence()
        self._viewers: dict[str, set[Viewer]] = {}
        self._listening = Listening(get_channel_layer())
        self._heard: set[str] = set()  # streams that a batch came of since the last check
        self._newcomers: list[tuple[Viewer, Failed]] = []
        self._came = asyncio.Event()
        self._told = ""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._listening.start()
        self.guard.start()
        self.presence.start()
        if not settings.REDIS_URL:
            deliver_here(self._hand_out)
        jobs = (self._receive(), self._look(), self._check())
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        deliver_here(None)
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.stop()
        await asyncio.gather(
            ended(self._tasks), self._listening.stop(), self.guard.stop(), self.presence.stop()
        )

    async def send_away(self) -> None:
        """The process is about to go: have every reader reconnect, to another one or to the next."""
        await self.guard.send_away()

    async def join(self, viewer: Viewer, failed: Failed = None) -> None:
        """Listen first, look second: what was committed before is found by its number. `failed` hears of what
        the reader raised."""
        self._viewers.setdefault(viewer.session_id, set()).add(viewer)
        self._listening.want(viewer.session_id)
        await self._listening.joined(viewer.session_id)
        if viewer not in self._viewers.get(viewer.session_id, ()):
            return  # it left meanwhile
        self._newcomers.append((viewer, failed))
        self._came.set()

    def leave(self, viewer: Viewer) -> None:
        """Never waits; as often as one likes."""
        viewer.stop()
        viewers = self._viewers.get(viewer.session_id, set())
        viewers.discard(viewer)
        if not viewers:
            self._viewers.pop(viewer.session_id, None)
            self._listening.unwant(viewer.session_id)

    @property
    def viewers(self) -> int:
        return sum(map(len, self._viewers.values()))

    async def _receive(self) -> None:
        while True:
            try:
                batch = await self._listening.receive()
            except Exception:
                logger.exception("hub: no batch could be received")
                await asyncio.sleep(CHECK_SECONDS)
            else:
                self._hand_out(batch)

    def _hand_out(self, batch: Batch) -> None:
        self._heard.add(batch.stream)
        if batch.is_of_session:
            self._mind(batch)
        size = sum(len(entry.frame) for entry in batch.entries)
        for viewer in self._viewers.get(batch.session_id, ()):
            viewer.offer(batch, size)

    def _mind(self, batch: Batch) -> None:
        """Who came is told who is here, and who had to leave hears no more."""
        types = {entry.type for entry in batch.entries}
        if "member-removed" in types:
            self.guard.ask_now()
        if types & {"member-added", "member-removed"}:
            self.presence.shared(batch.session_id)

    async def _look(self) -> None:
        """What came before they listened. A thousand who come at once are looked up with one query; until
        then they are shown nothing, and what comes meanwhile waits for them."""
        while True:
            await self._came.wait()
            self._came.clear()
            newcomers, self._newcomers = self._newcomers, []
            viewers = [viewer for viewer, _ in newcomers]
            try:
                last = await in_database(last_seqs, {stream for one in viewers for stream in one.position})
            except Exception:
                logger.exception("hub: the database is away")
                for viewer in viewers:
                    viewer.catch_up(viewer.position, "joined")  # each asks again until it is back
            else:
                self._catch_up(viewers, last, "joined")
            for newcomer in newcomers:
                self._begin(*newcomer)

    def _begin(self, viewer: Viewer, failed: Failed) -> None:
        if viewer in self._viewers.get(viewer.session_id, ()):  # it may have left meanwhile
            viewer.start().add_done_callback(lambda task: _report(task, failed))

    async def _check(self) -> None:
        """The layer drops silently, perhaps the last batch of all: compare quiet streams with the log."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            viewers = [viewer for group in self._viewers.values() for viewer in group]
            streams = {stream for viewer in viewers for stream in viewer.position} - self._heard
            self._heard.clear()
            self._tell()
            if streams:
                await self._check_once(viewers, streams)

    def _tell(self) -> None:
        """What is open here, for whoever looks for what is left behind."""
        VIEWERS.set(self.viewers)
        tasks = len(asyncio.all_tasks()) if logger.isEnabledFor(logging.DEBUG) else 0
        counts = f"{self.viewers} viewers, {len(self.guard)} connections, {tasks} tasks"
        if counts != self._told:
            logger.debug("hub: %s", counts)
            self._told = counts

    async def _check_once(self, viewers: list[Viewer], streams: set[str]) -> None:
        try:
            last = await in_database(last_seqs, streams)
        except Exception:
            logger.exception("hub: the database is away")
            return
        self._catch_up(viewers, last, "missed")

    def _catch_up(self, viewers: Iterable[Viewer], last: Mapping[str, int], reason: str) -> None:
        for viewer in viewers:
            if missing := viewer.missing(last):
                viewer.catch_up(missing, reason)


def _report(task: "asyncio.Task[None]", failed: Failed) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("hub: a viewer failed", exc_info=error)
        if failed:
            failed(error)
