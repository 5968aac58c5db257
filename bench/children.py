"""The processes that are measured: the fake provider, the bare relay and a real Parley server.

The server that is measured has core 0 for itself, everything else runs on core 1, where there are two.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from tests.services import free_port, postgres, redis, wait_for_port

ROOT: Final = Path(__file__).resolve().parent.parent
OWNER: Final = "owner"
KEY: Final = "bench-key-that-opens-only-this-server"
START_SECONDS: Final = 180.0
SERVERS: Final = ("daphne", "uvicorn")
SHAPES: Final = ("embedded", "scaled")
# Asked once: a process that is pinned itself, and its children, see one core only.
CAN_PIN: Final = hasattr(os, "sched_setaffinity") and {0, 1} <= os.sched_getaffinity(0)

Process = subprocess.Popen[str]


def pin(pid: int, core: int) -> None:
    os.sched_setaffinity(pid, {core})


@contextmanager
def provider() -> Iterator[int]:
    """Gives the fake provider's port."""
    with _child(["-m", "bench.provider"], {}, core=1, log=None) as process:
        assert process.stdout
        yield int(process.stdout.readline())


@contextmanager
def relay(upstream_port: int, folder: Path) -> Iterator[tuple[int, int]]:
    """Gives the relay's process and port."""
    port = free_port()
    command = ["-m", "uvicorn", "bench.relay:application", "--port", str(port), "--no-access-log"]
    command += ["--timeout-keep-alive", "60"]
    environment = {"UPSTREAM_PORT": str(upstream_port)}
    with _child(command, environment, core=0, log=folder / "relay.log") as process:
        wait_for_port(port)
        yield process.pid, port


@contextmanager
def parley(
    upstream_port: int, server: str, shape: str, *, counted: bool = False
) -> Iterator[tuple[int, int, Path]]:
    """Gives the server's process, port and folder; it has data of its own, which go with it. Where it is
    `counted`, its queries are (bench/queries.py)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        services = _services(stack) if shape == "scaled" else {}
        port = free_port()
        environment = {**_environment(folder, port, upstream_port), **services}
        log = folder / "server.log"
        serve = ["-m", "bench.queries", "serve"] if counted else ["manage.py", "serve"]
        if server == "uvicorn":
            with _child(
                serve, environment, core=0, log=log
            ) as process:  # it makes the tables and the account
                _wait_until_ready(process, port, log)
            serve = ["-m", "uvicorn", "project.asgi:application", "--lifespan", "on", "--port", str(port)]
            serve += ["--ws-max-size", str(1024 * 1024), "--no-access-log"]
        process = stack.enter_context(_child(serve, environment, core=0, log=log))
        _wait_until_ready(process, port, log)
        yield process.pid, port, folder


def new_sessions(port: int, count: int) -> list[str]:
    """Ids of new sessions of the server's owner."""
    connection = _connection(port)
    return [_answer(connection, "POST", "/api/sessions/", {})["id"] for _ in range(count)]


def new_budget(port: int, fields: dict[str, Any]) -> None:
    """Set by the server's owner."""
    call(port, "POST", "/api/budgets/", fields)


def call(port: int, method: str, path: str, fields: dict[str, Any] | None = None) -> Any:
    """The server's answer to its owner. Raises RuntimeError for a refusal."""
    return _answer(_connection(port), method, path, fields)


def fill(folder: Path, session_id: str, count: int) -> None:
    """So many messages in a session of the embedded server with this folder."""
    _filling(folder, session_id, str(count))


def fill_list(folder: Path, count: int) -> None:
    """So many sessions of the owner of the embedded server with this folder, with those that are there."""
    _filling(folder, str(count))


def _filling(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "bench.filling", *arguments]
    environment = {**os.environ, **_environment(folder, 0, 0)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, fields: dict[str, Any] | None
) -> Any:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request(method, path, None if fields is None else json.dumps(fields), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {body[:500]!r}")
    return json.loads(body)


def _services(stack: ExitStack) -> dict[str, str]:
    return {"DATABASE_URL": stack.enter_context(postgres()), "REDIS_URL": stack.enter_context(redis())}


def _environment(folder: Path, port: int, upstream_port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PARLEY_DATA": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PARLEY_LOG_LEVEL": "WARNING",
        "PARLEY_ADMIN_USER": OWNER,
        "PARLEY_ADMIN_PASSWORD": KEY,
        "PARLEY_API_KEY": KEY,
        "SOCKETS_PER_USER": "2000",
        "OPENAI_API_KEY": "bench",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }


@contextmanager
def _child(
    arguments: list[str], environment: Mapping[str, str], core: int, log: Path | None
) -> Iterator[Process]:
    """A Python process that ends with the block. Without a log its output is a pipe."""
    with ExitStack() as stack:
        output = stack.enter_context(log.open("a")) if log else subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output if log else None,
            text=True,
        )
        if CAN_PIN:
            pin(process.pid, core)
        try:
            yield process
        finally:
            _end(process)


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: Process, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
