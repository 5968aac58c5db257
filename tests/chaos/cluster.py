"""The scaled shape on one machine: PostgreSQL and Redis behind lines that can be made bad, two web processes,
two workers, nginx in front, and the fake provider.

python -m tests.chaos.cluster     start one, say where to go, and keep it until Ctrl+C
"""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from tests.canaries.places import Standing
from tests.canaries.words import DATABASE
from tests.canaries.words import environment as planted
from tests.chaos.counting import Counts, counts_at
from tests.chaos.faults import Line
from tests.chaos.processes import (
    ROOT,
    UNLIMITED,
    Postgres,
    Process,
    listening,
    nginx_process,
    redis_process,
    web_process,
    worker_process,
)
from tests.clients import eventually
from tests.fakes.provider import FakeProvider
from tests.services import free_port

WEBS = 2
WORKERS = 2


class Cluster:
    """Use as `async with Cluster(folder) as cluster`. `web`, `workers`, `redis`, `postgres` and `nginx` can
    be killed and started again; `redis_line` and `database_line` can be made bad. `url` is nginx."""

    def __init__(self, folder: Path, *, cast: bool = True, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.web_ports = [free_port() for _ in range(WEBS)]
        self.metrics_ports = [free_port() for _ in range(WORKERS)]
        self.tree = ROOT  # whose code the processes run
        self.keys: dict[str, str] = {}
        self._environment = environment
        self._cast = cast
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/chat/"

    def web_url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.web_ports[number]}"

    def web_ws_url(self, number: int) -> str:
        return f"ws://127.0.0.1:{self.web_ports[number]}/ws/chat/"

    # --- starting and stopping ------------------------------------------------------------

    async def __aenter__(self) -> "Cluster":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        self.provider = await self._stack.enter_async_context(FakeProvider())
        self.redis, redis_port = redis_process(self.folder, os.environ)
        self._keep(self.redis.start())
        self.postgres = await asyncio.to_thread(Postgres, self.folder)
        await asyncio.to_thread(self.postgres.start)
        self._stack.callback(self.postgres.stop)
        await listening(redis_port)
        self.redis_line = await self._stack.enter_async_context(Line(redis_port))
        self.database_line = await self._stack.enter_async_context(Line(self.postgres.port))
        self.environment = self._shared_environment()
        self.prepared = await asyncio.to_thread(self.manage, "prepare")
        if self._cast:
            self.keys = json.loads(await asyncio.to_thread(self.python, "-m", "tests.cast"))
        self._make_processes()
        for process in [*self.web, *self.workers, self.nginx]:
            self._keep(process.start())
        await self.ready()

    def _make_processes(self) -> None:
        named = enumerate(self.web_ports, 1)
        rest = (self.environment, self.folder, self.tree)
        self.web = [web_process(f"web{n}", port, *rest) for n, port in named]
        numbered = enumerate(self.metrics_ports, 1)
        self.workers = [worker_process(f"worker{n}", port, *rest) for n, port in numbered]
        self.nginx = nginx_process(self.port, self.web_ports, self.folder)

    def _shared_environment(self) -> dict[str, str]:
        (self.folder / "data").mkdir()
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "PARLEY_DATA": str(self.folder / "data"),
            "DATABASE_URL": self.postgres.url(self.database_line.port).replace("@", f":{DATABASE}@"),
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_line.port}/0",
            "RUN_IN_WEB": "0",
            "OPENAI_API_KEY": "sk-canary-openai-0123456789",
            "OPENAI_BASE_URL": self.provider.base_url,
            "ANTHROPIC_API_KEY": "sk-canary-anthropic-0123456789",
            "ANTHROPIC_BASE_URL": self.provider.root_url,
            **(planted(self.provider.root_url) if self._cast else {}),
            **self._environment,
        }

    def _keep(self, process: Process) -> None:
        self._stack.callback(_end, process)

    def manage(self, *arguments: str) -> str:
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        made = subprocess.run(
            command, cwd=self.tree, env=self.environment, stdout=subprocess.PIPE, check=True
        )
        return made.stdout.decode()

    # --- as it is -------------------------------------------------------------------------

    @property
    def processes(self) -> list[Process]:
        return [self.redis, *self.web, *self.workers, self.nginx]

    @property
    def standing(self) -> Standing:
        return Standing(
            folder=self.folder,
            environment=self.environment,
            tree=self.tree,
            pids=[process.pid for process in (*self.web, *self.workers) if process.alive],
            postgres=self.postgres.url(self.postgres.port),
            redis=self.redis_line.target,
        )

    async def ready(self, seconds: float = 90) -> None:
        """Every web process and nginx answer, and the workers are up."""
        async with httpx2.AsyncClient(timeout=5) as http:
            for url in [*map(self.web_url, range(WEBS)), self.url]:
                await _until(partial(_is_ready, http, url), seconds, f"{url} is not ready")
        await _until(self.workers_hear, seconds, "the workers do not listen")

    async def heal(self) -> None:
        """Whatever a fault left behind: all lines good, all processes up."""
        for line in (self.redis_line, self.database_line):
            line.heal()
        if not await asyncio.to_thread(lambda: self.postgres.answers):
            await asyncio.to_thread(self.postgres.start)
        await asyncio.to_thread(self.postgres.configure)
        for process in self.processes:
            process.wake()
            if process.alive:
                process.limit(resource.RLIMIT_NOFILE, UNLIMITED)
            else:
                process.start()
        await self.ready()

    async def fail_over(self) -> None:
        """Redis's address leads to another one, which knows nothing, and the old one is gone."""
        gone = self.redis
        self.redis, port = redis_process(self.folder, os.environ)
        self._keep(self.redis.start())
        await listening(port)
        self.redis_line.target = port
        gone.kill()
        self.redis_line.reset()

    async def owner(self, run_id: str) -> Process:
        """The worker that holds this run's lease, once one does."""
        query = "SELECT lease_owner FROM chat_run WHERE id = %s"
        owner: str = await eventually(lambda: self._value(query, run_id))
        pid = int(owner.split(":")[1])
        return next(worker for worker in self.workers if worker.pid == pid)

    async def spare(self, run_id: str) -> Process:
        """A worker that does not."""
        owner = await self.owner(run_id)
        return next(worker for worker in self.workers if worker is not owner)

    async def restart_postgres(self, seconds: float = 0) -> None:
        """As by a crash, with so much time in between."""
        await asyncio.to_thread(self.postgres.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.postgres.start)

    async def _value(self, query: str, *arguments: Any) -> Any:
        """Asked of PostgreSQL itself, not over the line that may be bad."""

        def ask() -> Any:
            with psycopg.connect(self.postgres.url(self.postgres.port)) as connection:
                row = connection.execute(query, arguments).fetchone()
                return row and row[0]

        return await asyncio.to_thread(ask)

    async def counts(self) -> Counts:
        """What each living process has counted, by its id."""
        web = [(process, url) for process, url in zip(self.web, map(self.web_url, range(WEBS)), strict=True)]
        doors = [f"http://127.0.0.1:{port}" for port in self.metrics_ports]
        asked = [*web, *zip(self.workers, doors, strict=True)]
        return {process.pid: await counts_at(url) for process, url in asked if process.alive}

    async def workers_hear(self) -> bool:
        """They say so themselves: each listens for stops."""
        return await self._listeners("runners") >= sum(worker.alive for worker in self.workers)

    async def is_heard(self, session_id: str) -> bool:
        """Some web process gets this session's batches from the layer."""
        return await self._listeners(f"session.{session_id}") > 0

    async def _listeners(self, group: str) -> int:
        from redis.asyncio import Redis

        async with Redis(port=self.redis_line.target) as redis:
            counted = dict(await redis.pubsub_numsub(f"asgi__group__{group}"))
        return int(sum(counted.values()))


async def _until(check: Callable[[], Awaitable[bool]], seconds: float, otherwise: str) -> None:
    try:
        await eventually(check, seconds)
    except TimeoutError:
        raise TimeoutError(otherwise) from None


async def _is_ready(http: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(f"{url}/readyz")).status_code == 200
    except httpx2.HTTPError:
        return False


def _end(process: Process) -> None:
    if process.alive:
        process.wake()
        process.kill()


async def _foreground() -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    with tempfile.TemporaryDirectory(prefix="parley-cluster-") as folder:
        async with Cluster(Path(folder), cast=False) as cluster:
            print(f"\nParley is at {cluster.url}/ (nginx, {WEBS} web processes, {WORKERS} workers)")
            print("Ask demo/chat, or openai/t200-i20-d0 for 200 tokens, 20 ms apart, of the fake provider.")
            print(_how_to_sign_in(cluster))
            for process in cluster.processes:
                print(f"  {process.name:8} pid {process.pid:<8} log {process.log}")
            print("Ctrl+C ends it all.", flush=True)
            await ended.wait()


def _how_to_sign_in(cluster: Cluster) -> str:
    if name := os.environ.get("PARLEY_ADMIN_USER"):
        return f"Sign in as {name}."
    words, _, path = cluster.prepared.strip().rpartition("\n")
    return f"{words}\n  {cluster.url}{path}"


if __name__ == "__main__":
    asyncio.run(_foreground())
