"""The processes of a cluster: each is started by us and signalled by its own id, never by its name."""

import asyncio
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.services import find, free_port, wait_for_port

ROOT = Path(__file__).resolve().parent.parent.parent

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG: Final = 1
UNLIMITED: Final = -1  # as far as the hard limit goes


def die_with_parent() -> None:
    """In a child before it becomes another program: whatever ends the play (kill -9 too) ends it as well."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One child that can be killed, frozen, asked to go, and started again."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        tree: Path = ROOT,
        **child: Any,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = folder / f"{name}.log"
        self.tree = tree  # whose code it runs
        self._child_options = child
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> "Process":
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command,
                cwd=self.tree,
                env={**self.environment, **more},
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                **self._child_options,
            )
        return self

    def limit(self, kind: int, soft: int) -> None:
        """A resource limit of the running process: resource.RLIMIT_…"""
        hard = resource.prlimit(self.pid, kind)[1]
        resource.prlimit(self.pid, kind, (hard if soft == UNLIMITED else soft, hard))

    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def memory(self) -> int:
        """KiB resident."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * 4

    @property
    def pid(self) -> int:
        assert self._child
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        assert self._child
        self._child.wait()

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.signal(signal.SIGCONT)

    def term(self) -> None:
        self.signal(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            assert self._child
            self._child.send_signal(number)

    async def ended(self, seconds: float = 60) -> int:
        """The exit code. The limit only ends what would hang."""
        assert self._child
        return await asyncio.to_thread(self._child.wait, seconds)

    def tail(self, size: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-size:]


class Postgres:
    """A server of its own. It refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder / "postgres"
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            folder.chmod(0o711)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "parley", "-E", "UTF8", "--locale=C.UTF-8")
        self._server = self._make_server(data)

    def url(self, port: int) -> str:
        return f"postgres://parley@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        """Returns when it answers."""
        self._server.start()
        deadline = time.monotonic() + 60
        while not self.answers:
            if time.monotonic() > deadline:
                raise TimeoutError(self._server.tail())
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is a crash: no clean-up, recovery at the next start."""
        self._server.signal(how)
        self._server.wait()

    @property
    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(self.port), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def tell(self, statement: str) -> None:
        """A statement of its superuser, outside of transactions."""
        allowed = "-c default_transaction_read_only=off"
        with psycopg.connect(self.url(self.port), autocommit=True, options=allowed) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def configure(self, **options: str) -> None:
        """For all connections, those that are open too; without options as it was at the start."""
        for name, value in options.items():
            self.tell(f"ALTER SYSTEM SET {name} = {value}")
        if not options:
            self.tell("ALTER SYSTEM RESET ALL")
        self.tell("SELECT pg_reload_conf()")

    @property
    def log(self) -> Path:
        return self._server.log

    def _make_server(self, data: str) -> Process:
        options = ("listen_addresses=127.0.0.1", "fsync=off")
        command = [str(find("postgres")), "-D", data, "-p", str(self.port), "-k", str(self.folder)]
        settings = [word for option in options for word in ("-c", option)]
        who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        return Process("postgres", [*command, *settings], os.environ, self.folder, tree=Path("/"), **who)

    def _run(self, program: str, *arguments: str) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*prefix, str(find(program)), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def redis_process(folder: Path, environment: Mapping[str, str]) -> tuple[Process, int]:
    """An empty Redis that keeps nothing on disk: a restart loses everything."""
    port = free_port()
    command = [str(find("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    return Process("redis", command, environment, folder), port


def web_process(name: str, port: int, environment: Mapping[str, str], folder: Path, tree: Path) -> Process:
    """As deploy/systemd/parley-web@.service starts it; test_short compares the two."""
    command = [sys.executable, "-m", "uvicorn", *web_arguments(port)]
    return Process(name, command, environment, folder, tree=tree)


def web_arguments(port: int | str) -> list[str]:
    return [
        *("project.asgi:application", "--host", "127.0.0.1", "--port", str(port), "--lifespan", "on"),
        *("--ws-max-size", "1048576", "--ws-ping-interval", "20", "--ws-ping-timeout", "30"),
        *("--ws-per-message-deflate", "false", "--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"),
        *("--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "5"),
        *("--no-access-log", "--no-server-header"),
    ]


def worker_process(
    name: str, metrics: int, environment: Mapping[str, str], folder: Path, tree: Path
) -> Process:
    own = {**environment, "PARLEY_WORKER_METRICS": f"127.0.0.1:{metrics}"}
    return Process(name, [sys.executable, "manage.py", "worker"], own, folder, tree=tree)


def nginx_process(port: int, upstreams: Sequence[int], folder: Path) -> Process:
    """deploy/nginx.conf as it is, with other ports."""
    run = folder / "nginx"
    run.mkdir()
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    for number, upstream in enumerate(upstreams, 1):
        site = site.replace(f"127.0.0.1:800{number}", f"127.0.0.1:{upstream}")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};")
    (run / "site.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {run}/{kind};\n" for kind in kinds)
    (run / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {run}/pid;\nerror_log {run}/error.log warn;\n"
        "events { worker_connections 4096; }\n"
        f"http {{\naccess_log off;\n{paths}include {run}/site.conf;\n}}\n"
    )
    command = [
        str(find("nginx")),
        "-p",
        str(run),
        "-c",
        str(run / "nginx.conf"),
        "-e",
        str(run / "error.log"),
    ]
    return Process("nginx", command, os.environ, folder)


async def listening(port: int) -> None:
    await asyncio.to_thread(wait_for_port, port, 60)
