"""One hub per web process: receives each batch once and hands it to the viewers of that session here.

The channel layer may drop, delay or be away. So a viewer goes by numbers only: it sends what follows its
position, and where that is missing it reads the log. A slow viewer delays nobody but itself.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import orjson
from channels.layers import get_channel_layer
from django.db import DatabaseError

from chat.db import in_database
from chat.events import Batch, Entry
from chat.log import PAGE, last_seqs, read
from chat.models.runs import run_stream
from chat.publishing import batch_from, session_group

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 256  # batches that wait for one viewer; beyond that it is served from the log
CHECK_SECONDS: Final = 1.0  # how often what the layer may have dropped is looked for

Send = Callable[[Entry], Awaitable[None]]


class Viewer:
    """A reader of some streams of a session and, if it follows runs, of its runs as they come.

    `position` holds the streams that it follows and the last number that it was sent of each; a run's stream
    leaves it with the event that ends the run.
    """

    def __init__(
        self, session_id: str, position: Mapping[str, int], send: Send, *, follows_runs: bool = True
    ) -> None:
        self.session_id = session_id
        self.position = dict(position)
        self._follows_runs = follows_runs
        self._ended: set[str] = set()
        self._send = send
        self._waiting: deque[Batch] = deque()
        self._behind: set[str] = set()
        self._wakeup = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, done: Callable[["asyncio.Task[None]"], None]) -> None:
        self._task = asyncio.create_task(self._pump())
        self._task.add_done_callback(done)

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    def offer(self, batch: Batch) -> None:
        """Never waits."""
        if self._follows_runs:
            self._follow(batch.stream)
        if batch.stream not in self.position:
            return
        if len(self._waiting) >= MAX_WAITING:
            self._behind.update(waiting.stream for waiting in self._waiting)
            self._waiting.clear()
        self._waiting.append(batch)
        self._wakeup.set()

    def catch_up(self, streams: Iterable[str]) -> None:
        """Look into the log for what follows the position."""
        self._behind.update(streams)
        self._wakeup.set()

    def missing(self, last: Mapping[str, int]) -> list[str]:
        """Streams whose log goes on after the position."""
        return [stream for stream, seq in self.position.items() if last.get(stream, 0) > seq]

    def _follow(self, stream: str) -> None:
        if stream not in self._ended:
            self.position.setdefault(stream, 0)

    async def _pump(self) -> None:
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            while self._behind or self._waiting:
                if self._behind:
                    await self._read_log(self._most_urgent())
                else:
                    await self._pass_on(self._waiting.popleft())

    async def _pass_on(self, batch: Batch) -> None:
        seen = self.position.get(batch.stream)
        if seen is None:
            return
        if batch.first > seen + 1:
            self._behind.add(batch.stream)
            return
        for entry in batch.after(seen):
            await self._show(entry)

    def _most_urgent(self) -> str:
        """The session's stream first: a run's events mean nothing to who has not heard of its message."""
        stream = min(self._behind, key=lambda name: name.startswith("run:"))
        self._behind.discard(stream)
        return stream

    async def _read_log(self, stream: str) -> None:
        if stream not in self.position:
            return
        try:
            entries = await in_database(read, stream, self.position[stream])
        except DatabaseError:
            logger.exception("hub: the database is away")
            await asyncio.sleep(CHECK_SECONDS)
            self._behind.add(stream)
            return
        for entry in entries:
            await self._show(entry)
        if len(entries) == PAGE:
            self._behind.add(stream)

    async def _show(self, entry: Entry) -> None:
        await self._send(entry)
        self.position[entry.stream] = entry.seq
        if entry.ends_run:
            del self.position[entry.stream]
            self._ended.add(entry.stream)
        elif entry.type == "run-added" and self._follows_runs:
            stream = run_stream(orjson.loads(entry.frame)["run"]["id"])
            self._follow(stream)
            self._behind.add(stream)


class Hub:
    def __init__(self) -> None:
        self._viewers: dict[str, set[Viewer]] = defaultdict(set)
        self._layer: Any = get_channel_layer()
        self._channel = ""
        self._heard: set[str] = set()  # streams that a batch came of since the last check
        self._tasks: list[asyncio.Task[None]] = []
        self._leavers: set[Callable[[], Awaitable[None]]] = set()

    def attend(self, leave: Callable[[], Awaitable[None]]) -> None:
        """`leave` closes a connection politely when this process is about to go."""
        self._leavers.add(leave)

    def forget(self, leave: Callable[[], Awaitable[None]]) -> None:
        self._leavers.discard(leave)

    async def start(self) -> None:
        self._channel = await self._layer.new_channel("hub")
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._check())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send_away(self) -> None:
        """The process is about to go: have every viewer reconnect, to another one or to the next."""
        for leave in list(self._leavers):
            await leave()

    async def listen(self, session_id: str) -> None:
        """Have the layer's batches of this session come here, before anybody takes a snapshot."""
        await self._layer.group_add(session_group(session_id), self._channel)

    def join(self, viewer: Viewer, done: Callable[["asyncio.Task[None]"], None]) -> None:
        self._viewers[viewer.session_id].add(viewer)
        viewer.start(done)
        viewer.catch_up(list(viewer.position))

    async def leave(self, viewer: Viewer) -> None:
        viewer.stop()
        viewers = self._viewers[viewer.session_id]
        viewers.discard(viewer)
        if not viewers:
            del self._viewers[viewer.session_id]
            await self._layer.group_discard(session_group(viewer.session_id), self._channel)

    @property
    def viewers(self) -> int:
        return sum(map(len, self._viewers.values()))

    async def _receive(self) -> None:
        while True:
            try:
                message = await self._layer.receive(self._channel)
            except Exception:
                logger.exception("hub: the layer is away")
                await asyncio.sleep(CHECK_SECONDS)
                continue
            self._hand_out(batch_from(message))

    def _hand_out(self, batch: Batch) -> None:
        self._heard.add(batch.stream)
        for viewer in self._viewers.get(batch.session_id, ()):
            viewer.offer(batch)

    async def _check(self) -> None:
        """The layer drops silently, perhaps the last batch of all: compare quiet streams with the log."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            viewers = [viewer for group in self._viewers.values() for viewer in group]
            streams = {stream for viewer in viewers for stream in viewer.position} - self._heard
            self._heard.clear()
            if streams:
                await self._check_once(viewers, streams)

    async def _check_once(self, viewers: list[Viewer], streams: set[str]) -> None:
        try:
            last = await in_database(last_seqs, streams)
        except Exception:
            logger.exception("hub: the database is away")
            return
        for viewer in viewers:
            if missing := viewer.missing(last):
                viewer.catch_up(missing)
