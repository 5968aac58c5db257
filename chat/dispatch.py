"""Waking runners and telling them to stop: messages that may get lost, about rows that do not.

A wake-up goes through taskiq: in memory to this process in the embedded shape, over a Redis stream to
whichever process is free in the scaled one. It is taken off the stream when it is received. One that is lost
costs two seconds: every process that executes runs also sweeps for queued ones.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from taskiq import AckableMessage, AsyncBroker, InMemoryBroker
from taskiq.acks import AcknowledgeType
from taskiq.api import run_receiver_task
from taskiq_redis import RedisStreamBroker

from chat.loops import spawn

logger = logging.getLogger(__name__)

RUNNERS: Final = "runners"  # the layer's group of all processes that execute runs
QUEUE: Final = "parley:runs"  # the stream of wake-ups in Redis
AWAY_SECONDS: Final = 1.0  # between attempts to reach Redis
LAYER_PATIENCE: Final = 1.0  # seconds for a message to the layer, after which it is given up

# The client's own patience is a minute of silent attempts. One more attempt, for a line that went dead since
# it was last used; the rest is up to the callers here. A read blocks for 2 s: 4 s of silence are a dead line.
_PATIENCE: Final[dict[str, Any]] = {
    "socket_timeout": 4.0,
    "socket_connect_timeout": 2.0,
    "retry": Retry(NoBackoff(), 1),
}


class WakeUpStream(RedisStreamBroker):
    """taskiq's stream broker, read without a list of pending entries: its own reader takes back a dead
    worker's message only when another comes, and runs a long task again while it is still running. Here the
    run's lease decides both, so a message is deleted as soon as it is read."""

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        async with Redis(connection_pool=self.connection_pool) as redis:
            while True:
                try:
                    await (
                        self._declare_consumer_group()
                    )  # again after each error: Redis may have come back empty
                    while True:
                        for id_, fields in await self._read(redis):
                            yield AckableMessage(data=fields[b"data"], ack=partial(self._delete, redis, id_))
                except RedisError as error:
                    logger.warning("dispatch: Redis is away, queued runs are found by sweeping: %s", error)
                    await asyncio.sleep(AWAY_SECONDS)

    async def _read(self, redis: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
        streams = {self.queue_name: ">"}
        fetched = await redis.xreadgroup(
            self.consumer_group_name, self.consumer_name, streams, block=self.block, noack=True, count=1
        )
        return fetched[0][1] if fetched else []

    async def _delete(self, redis: Any, id_: bytes) -> None:
        await redis.xdel(self.queue_name, id_)


def _make_broker() -> AsyncBroker:
    if not settings.REDIS_URL:
        return InMemoryBroker(max_async_tasks=settings.RUN_CONCURRENCY)
    return WakeUpStream(settings.REDIS_URL, queue_name=QUEUE, consumer_id="0", maxlen=100_000, **_PATIENCE)


broker = _make_broker()


_execute: Callable[[UUID], Awaitable[None]] | None = None


def connect(execute: Callable[[UUID], Awaitable[None]] | None) -> None:
    """How this process executes a run; None while it does not."""
    global _execute
    _execute = execute


@broker.task(task_name="parley.execute")
async def wake(run_id: str) -> None:
    if _execute:
        await _execute(UUID(run_id))


async def receive_wake_ups() -> None:
    """Execute what other processes dispatch, as many at once as this one may. Ends when it is cancelled.
    In memory there is nothing to receive: what is dispatched is executed where it is."""
    if isinstance(broker, InMemoryBroker):
        return
    await run_receiver_task(
        broker, max_async_tasks=settings.RUN_CONCURRENCY, ack_time=AcknowledgeType.WHEN_RECEIVED
    )


def dispatch(run_ids: Iterable[UUID]) -> None:
    """Have these runs executed. From any thread."""
    for run_id in run_ids:
        spawn(_kick(run_id))


def request_stop(run_id: UUID) -> None:
    """Have the run's owner stop it, whichever process that is. From any thread."""
    spawn(_send_stop(run_id))


async def _kick(run_id: UUID) -> None:
    try:
        async with asyncio.timeout(LAYER_PATIENCE):
            await wake.kiq(str(run_id))
    except Exception as error:
        logger.warning("dispatch: the wake-up for %s got lost: %r", run_id, error)


async def _send_stop(run_id: UUID) -> None:
    layer: Any = get_channel_layer()
    try:
        async with asyncio.timeout(LAYER_PATIENCE):
            await layer.group_send(RUNNERS, {"type": "run.stop", "run_id": str(run_id)})
    except Exception as error:
        logger.warning("dispatch: the stop of %s got lost: %r", run_id, error)
