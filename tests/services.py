"""The services that the tests run against: installed from the system's packages, started on free ports.

python -m tests.services                 install what is missing, or say what to install
python -m tests.services run -- COMMAND  run a command with DATABASE_URL and REDIS_URL of fresh services
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PACKAGES = {
    "redis-server": ["redis-server"],
    "chromium": ["chromium", "fonts-wqy-microhei", "fonts-noto-color-emoji"],
    "nginx": ["nginx"],
    "postgres": ["postgresql"],
}


def find(program: str) -> str | None:
    """Where a program is; Debian keeps PostgreSQL's out of the PATH."""
    if program == "chromium":
        return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    return shutil.which(program) or (str(known[0]) if known else None) or shutil.which(f"/usr/sbin/{program}")


def install_missing() -> int:
    missing = [package for program, names in PACKAGES.items() if not find(program) for package in names]
    if not missing:
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"The tests need these programs: install the packages {' '.join(missing)} and try again.")
        return 1
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True)
    return subprocess.run(["apt-get", "install", "-y", "-qq", *missing], env=quiet).returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis; gives its URL."""
    port = free_port()
    command = [find("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL without a password on a free port; gives the URL of an empty database."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="parley-pg-") as folder:
        shutil.chown(folder, "postgres") if os.geteuid() == 0 else None
        data = f"{folder}/data"
        _as_postgres(
            find("initdb"), "-D", data, "-A", "trust", "-U", "parley", "-E", "UTF8", "--locale=C.UTF-8"
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        _as_postgres(find("pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgres://parley@127.0.0.1:{port}/postgres"
        finally:
            _as_postgres(find("pg_ctl"), "-D", data, "-m", "immediate", "stop")


def _as_postgres(*command: str | None) -> None:
    """PostgreSQL refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


def run(command: list[str]) -> int:
    with ExitStack() as stack:
        urls = {
            "DATABASE_URL": stack.enter_context(postgres()),
            "REDIS_URL": stack.enter_context(redis()),
        }
        return subprocess.run(command, env={**os.environ, **urls}).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[3:]) if sys.argv[1:2] == ["run"] else install_missing())
