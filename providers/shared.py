"""What the processes know together about providers, in Redis where there is one.

Nothing here holds up a request: an answer that takes longer than PATIENCE is not waited for, and after a
failure nobody asks for AWAY_SECONDS. Whoever uses it goes on with what this process knows by itself.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PATIENCE: Final = 0.2  # seconds that a request waits for Redis
GLANCES: Final = 10  # in that time: a loop that was busy itself does not take Redis for slow
AWAY_SECONDS: Final = 1.0  # after a failure, until Redis is asked again
INSIST_SECONDS: Final = 60.0
CONNECTIONS: Final = 20  # of a process; beyond that a command waits for a free one
PREFIX: Final = "parley:providers:"


class SharedAway(Exception):  # noqa: N818 - it says what happened
    """Redis did not answer in time, or not at all. `command` is what was sent: Redis may still carry it out,
    even after the line was given up."""

    def __init__(self, command: "asyncio.Task[Any] | None" = None) -> None:
        self.command = command
        super().__init__()


class Shared:
    """The line of one event loop to Redis.

    Each command runs in a task of its own that nobody cancels: a command that is cancelled half way
    could leave its connection with somebody else's answer. What is not waited for any more ends by the
    socket's time-out.
    """

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE,
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 1),  # for a line that went dead since it was last used
        )
        self._redis = Redis(connection_pool=pool)
        self._scripts: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._away_until = 0.0

    async def run(self, script: str, keys: Sequence[str], *args: object) -> Any:
        """The answer of a Lua script; keys get the prefix. Raises SharedAway within PATIENCE."""
        if time.monotonic() < self._away_until:
            raise SharedAway
        task = self.spawn(self._script(script)(keys=[PREFIX + key for key in keys], args=args))
        for _ in range(GLANCES):
            if (await asyncio.wait({task}, timeout=PATIENCE / GLANCES))[0]:
                break
        if task.done() and not task.exception():
            return task.result()
        self._gone(task.exception() if task.done() else TimeoutError())
        raise SharedAway(task)

    async def insist(self, script: str, keys: Sequence[str], *args: object) -> None:
        """Until it was carried out at least once, or Redis was away for INSIST_SECONDS."""
        until = time.monotonic() + INSIST_SECONDS
        while time.monotonic() < until:
            try:
                await self.run(script, keys, *args)
            except SharedAway:
                await asyncio.sleep(AWAY_SECONDS)
            else:
                return

    def tell(self, script: str, keys: Sequence[str], *args: object) -> "asyncio.Task[Any]":
        """The same without waiting; a failure is no matter."""
        return self.spawn(self._quietly(script, keys, *args))

    async def close(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
            for task in late:
                task.cancel()
        await self._redis.aclose()

    def _script(self, text: str) -> Any:
        if text not in self._scripts:
            self._scripts[text] = self._redis.register_script(text)
        return self._scripts[text]

    def spawn(self, job: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """For what has to be done whether or not somebody still waits for it."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen

    def _gone(self, error: BaseException | None) -> None:
        if not isinstance(error, RedisError | OSError | TimeoutError):
            logger.error("providers: a script failed", exc_info=error)
        elif time.monotonic() >= self._away_until:
            logger.warning("providers: Redis is away, this process goes by what it knows: %r", error)
        self._away_until = time.monotonic() + AWAY_SECONDS

    async def _quietly(self, script: str, keys: Sequence[str], *args: object) -> Any:
        try:
            return await self.run(script, keys, *args)
        except SharedAway:
            return None
