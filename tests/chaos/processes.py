"""The processes of a cluster: each is started by us and signalled by its own id, never by its name."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.services import find, free_port, wait_for_port

ROOT = Path(__file__).resolve().parent.parent.parent


class Process:
    """One child that can be killed, frozen, asked to go, and started again."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = folder / f"{name}.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> "Process":
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command, cwd=ROOT, env={**self.environment, **more}, stdout=log, stderr=log
            )
        return self

    @property
    def pid(self) -> int:
        assert self._child
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
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

    def url(self, port: int) -> str:
        return f"postgres://parley@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._ctl("-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """`immediate` is a crash: no clean-up, recovery at the next start."""
        self._ctl("-m", how, "stop")

    def _ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*prefix, str(find(program)), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def redis_process(folder: Path, environment: Mapping[str, str]) -> tuple[Process, int]:
    """An empty Redis that keeps nothing on disk: a restart loses everything."""
    port = free_port()
    command = [str(find("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    return Process("redis", command, environment, folder), port


def web_process(name: str, port: int, environment: Mapping[str, str], folder: Path) -> Process:
    """As deploy/systemd/parley-web@.service starts it; test_short compares the two."""
    command = [sys.executable, "-m", "uvicorn", *web_arguments(port)]
    return Process(name, command, environment, folder)


def web_arguments(port: int | str) -> list[str]:
    return [
        *("project.asgi:application", "--host", "127.0.0.1", "--port", str(port), "--lifespan", "on"),
        *("--ws-max-size", "1048576", "--ws-ping-interval", "20", "--ws-ping-timeout", "30"),
        *("--ws-per-message-deflate", "false", "--proxy-headers", "--forwarded-allow-ips", "127.0.0.1"),
        *("--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "5"),
        *("--no-access-log", "--no-server-header"),
    ]


def worker_process(name: str, environment: Mapping[str, str], folder: Path) -> Process:
    return Process(name, [sys.executable, "manage.py", "worker"], environment, folder)


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
