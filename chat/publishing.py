"""Sending committed batches to whoever looks on. Only sends: the log is the copy that counts.

The channel layer is a fast path and a bell. What it drops, readers fetch from the log. A process that is
alone needs none for this.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from chat.events import Batch, Entry
from chat.loops import ended
from chat.metrics import LAYER_DROPS

logger = logging.getLogger(__name__)

PATIENCE: Final = 1.0  # seconds for the layer to take a batch, after which it is given up

_publisher: "Publisher | None" = None
_here: Callable[[Batch], None] | None = None


def deliver_here(hand_out: Callable[[Batch], None] | None) -> None:
    """Where this process is the only one, its hub takes batches as they are; the layer would copy each of
    them and say nothing else. `hand_out` is called on the publisher's loop."""
    global _here
    _here = hand_out


class Publisher:
    """One per process: sends in the order in which it was asked to, whatever thread asked."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Batch] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._reaches = True

    def start(self) -> None:
        global _publisher
        _publisher = self
        self._task = asyncio.create_task(self._send_all())

    async def stop(self) -> None:
        global _publisher
        if _publisher is self:
            _publisher = None
        if self._task:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._queue.join()
            await ended([self._task])

    def put(self, batches: Iterable[Batch]) -> None:
        """From any thread. What is still waiting when the layer is away is dropped: the log has it."""
        self._loop.call_soon_threadsafe(self._take, batches)

    def _take(self, batches: Iterable[Batch]) -> None:
        take = _here or self._queue.put_nowait
        for batch in batches:
            take(batch)

    async def _send_all(self) -> None:
        while True:
            batch = await self._queue.get()
            sent = await _send(batch)
            self._queue.task_done()
            while not sent and not self._queue.empty():
                self._queue.get_nowait()
                self._queue.task_done()
            self._tell(sent)

    def _tell(self, sent: bool) -> None:
        if sent != self._reaches:
            logger.warning("layer: it is back" if sent else "layer: away; readers go on from the log")
        self._reaches = sent


def publish(batches: Iterable[Batch]) -> None:
    """From any thread, after the commit."""
    if _publisher is not None:
        _publisher.put(batches)
        return
    for batch in batches:  # a management command, the shell: no server runs in this process
        async_to_sync(_send)(batch)


def session_group(session_id: str) -> str:
    return f"session.{session_id}"


async def _send(batch: Batch) -> bool:
    """False when the layer is away: readers go on from the log."""
    layer: Any = get_channel_layer()
    try:
        async with asyncio.timeout(PATIENCE):
            await layer.group_send(session_group(batch.session_id), batch_message(batch))
    except Exception as error:
        LAYER_DROPS.inc()
        logger.info("layer: a batch of %s was not sent: %r", batch.stream, error)
        return False
    return True


def batch_message(batch: Batch) -> dict[str, Any]:
    """A batch as the layer carries it; `batch_from` is the way back."""
    return {
        "type": "log.batch",
        "session_id": batch.session_id,
        "stream": batch.stream,
        "first": batch.first,
        "types": [entry.type for entry in batch.entries],
        "frames": [entry.frame for entry in batch.entries],
    }


def batch_from(message: Mapping[str, Any]) -> Batch:
    stream, first = message["stream"], message["first"]
    numbered = enumerate(zip(message["types"], message["frames"], strict=True), first)
    return Batch(
        message["session_id"], tuple(Entry(stream, seq, type_, frame) for seq, (type_, frame) in numbered)
    )
