"""What processes say to each other over: Redis, the channel layer, the queue of wake-ups."""

import asyncio
import time
import uuid
from typing import Any, Final

from channels.layers import get_channel_layer
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from chat.dispatch import QUEUE, wake
from chat.doctor.findings import Finding, fail, ok, skip, warn

PATIENCE: Final = 5.0  # seconds for what takes milliseconds
LOOK: Final = 0.05  # seconds between two looks at the queue
ALONE: Final = "this process is alone: no REDIS_URL"


def redis() -> Finding:
    if not settings.REDIS_URL:
        return skip("redis", ALONE)
    started = time.monotonic()
    try:
        version = _line().info("server")["redis_version"]
    except (RedisError, OSError) as error:
        todo = "Start it, and check REDIS_URL. Without it text comes by the second and stops take one."
        return fail("redis", f"it does not answer: {error}", todo)
    return ok("redis", f"{version} answers after {(time.monotonic() - started) * 1000:.1f} ms")


def memory() -> Finding:
    """The queue must not be what Redis throws away when it is full."""
    if not settings.REDIS_URL:
        return skip("redis memory", ALONE)
    told: dict[str, Any] = _line().info("memory")
    most, used, policy = told["maxmemory"], told["used_memory"], told["maxmemory_policy"]
    if most and used > 0.9 * most:
        said = f"{used / most:.0%} of its memory are in use"
        return fail("redis memory", said, "Raise maxmemory: at the limit it takes no messages.")
    if most and policy.startswith("allkeys"):
        todo = "Set maxmemory-policy to noeviction: places and breakers live there."
        return warn("redis memory", f"it throws keys away when it is full ({policy})", todo)
    return ok("redis memory", f"{used // 1024**2} MiB in use")


def layer() -> Finding:
    """A message there and back, as every token goes."""
    if not settings.REDIS_URL:
        return skip("layer", ALONE)
    try:
        took = asyncio.run(asyncio.wait_for(_round_trip(), PATIENCE))
    except (TimeoutError, RedisError, OSError) as error:
        todo = "Viewers see text by the second until Redis takes messages again: look at its log."
        return fail("layer", f"a message did not come back: {error!r}", todo)
    return ok("layer", f"a message came back after {took * 1000:.1f} ms")


def queue() -> Finding:
    """A wake-up for a run that is not there: whoever takes it has nothing to do."""
    if not settings.REDIS_URL:
        return skip("queue", "the server executes runs by itself")
    task_id = f"doctor-{uuid.uuid4().hex}"
    took = asyncio.run(_taken(task_id))
    if took is None:
        todo = "Start `manage.py worker` (or set RUN_IN_WEB=1), and see in its log why it does not read."
        return fail("queue", f"nobody took a wake-up within {PATIENCE:.0f} s", todo)
    return ok("queue", f"a wake-up was taken after {took * 1000:.0f} ms")


async def _round_trip() -> float:
    channels: Any = get_channel_layer()
    channel = await channels.new_channel("doctor")
    started = time.monotonic()
    await channels.send(channel, {"type": "doctor"})
    await channels.receive(channel)
    return time.monotonic() - started


async def _taken(task_id: str) -> float | None:
    started = time.monotonic()
    await wake.kicker().with_task_id(task_id).kiq(str(uuid.uuid4()))
    while time.monotonic() - started < PATIENCE:
        if not _waits(task_id):
            return time.monotonic() - started
        await asyncio.sleep(LOOK)
    _drop(task_id)
    return None


def _waits(task_id: str) -> bool:
    return any(task_id.encode() in fields[b"data"] for _, fields in _newest())


def _drop(task_id: str) -> None:
    """What nobody took must not be what a worker begins with."""
    for id_, fields in _newest():
        if task_id.encode() in fields[b"data"]:
            _line().xdel(QUEUE, id_)


def _newest() -> list[Any]:
    found: Any = _line().xrevrange(QUEUE, count=100)
    return list(found)


def _line() -> "Redis":
    return Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
