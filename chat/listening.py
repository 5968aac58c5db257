"""This process's ear at the channel layer: the batches of those sessions that somebody here looks at.

One task alone joins and leaves groups, so that nobody who leaves can make deaf who comes at the same moment.
While the layer is away nobody waits for it: readers go on from the log, and the groups are joined later.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Final

from chat.events import Batch
from chat.loops import ended
from chat.publishing import batch_from, session_group

logger = logging.getLogger(__name__)

PATIENCE: Final = 1.0  # seconds for the layer to do one thing
RETRY: Final = 1.0  # seconds until it is asked again
AGAIN: Final = 600.0  # seconds after which all groups are joined again: layers forget members after a day


class Listening:
    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._channel = ""
        self._wanted: set[str] = set()
        self._joined: set[str] = set()
        self._away = False
        self._changed = asyncio.Event()
        self._turn = asyncio.Event()  # set at the end of a round, and then another one
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task:
            await ended([self._task])

    def want(self, session_id: str) -> None:
        self._wanted.add(session_id)
        self._changed.set()

    def unwant(self, session_id: str) -> None:
        self._wanted.discard(session_id)
        self._changed.set()

    async def joined(self, session_id: str) -> None:
        """Returns once this session's batches come here, or when it makes no sense to wait."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while session_id not in self._joined and session_id in self._wanted and not self._away:
                    await self._turn.wait()

    async def receive(self) -> Batch:
        """The next batch. Raises whatever the layer raises."""
        while not self._channel:
            await self._turn.wait()
        return batch_from(await self._layer.receive(self._channel))

    async def _keep(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._changed.wait()
            if not self._changed.is_set():
                self._joined -= self._wanted
            self._changed.clear()
            await self._round()
            self._turn.set()
            self._turn = asyncio.Event()
            if self._away:
                self._changed.set()
                await asyncio.sleep(RETRY)

    async def _round(self) -> None:
        try:
            self._channel = self._channel or await self._in_time(self._layer.new_channel("hub"))
            for session_id in self._wanted ^ self._joined:
                await self._agree(session_id)
        except Exception as error:
            if not self._away:
                logger.warning("hub: the layer is away (%s), readers go on from the log", error)
            self._away = True
            return
        if self._away:
            logger.info("hub: the layer is back")
        self._away = False

    async def _agree(self, session_id: str) -> None:
        group = session_group(session_id)
        if session_id in self._wanted:
            await self._in_time(self._layer.group_add(group, self._channel))
            self._joined.add(session_id)
        else:
            await self._in_time(self._layer.group_discard(group, self._channel))
            self._joined.discard(session_id)

    async def _in_time(self, doing: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            return await doing
