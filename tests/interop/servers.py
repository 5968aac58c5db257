"""Servers of others as child processes on free ports: LiteLLM's proxy, AgentOS, llama.cpp's, aimock."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop import environments
from tests.services import free_port

PROGRAMS = Path(__file__).resolve().parent / "programs"
KEY = "sk-interop"  # all of them ask for it
SECONDS_TO_START = 180  # LiteLLM takes ten on an idle machine


@dataclass(frozen=True, slots=True)
class Running:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def litellm(folder: Path, relayed_to: str) -> Iterator[Running]:
    """`relayed_to` is the base URL of the OpenAI-like server behind the model `relay`."""
    program = environments.python("litellm").parent / "litellm"
    port = free_port()
    command = [program, "--config", PROGRAMS / "litellm.yaml", "--host", "127.0.0.1", "--port", port]
    own = {"RELAYED_TO": relayed_to, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with _child(command, own, folder / "litellm.log", Running(port), "/health/liveliness") as running:
        yield running


@contextmanager
def agent_os(folder: Path) -> Iterator[Running]:
    port = free_port()
    command = [environments.python("agno"), PROGRAMS / "agent_os.py", port]
    own = {"OS_SECURITY_KEY": KEY}
    with _child(command, own, folder / "agno.log", Running(port), "/health") as running:
        yield running


@contextmanager
def llama(folder: Path) -> Iterator[Running]:
    port = free_port()
    command = [environments.python("llama"), PROGRAMS / "llama.py", port, folder / "tiny.gguf"]
    with _child(command, {}, folder / "llama.log", Running(port), "/health") as running:
        yield running


@contextmanager
def aimock(folder: Path) -> Iterator[Running]:
    port = free_port()
    cli = environments.node() / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    command = ["node", cli, "--port", port, "--fixtures", PROGRAMS / "aimock.json", "--chunk-size", 3]
    own = {"AIMOCK_API_KEYS": KEY}
    with _child(command, own, folder / "aimock.log", Running(port), "/health") as running:
        yield running


@contextmanager
def _child(
    command: Sequence[object], own: dict[str, str], log: Path, running: Running, health: str
) -> Iterator[Running]:
    # Of this process's environment only what every program needs: no key, no address, no settings of ours.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [str(part) for part in command], env={**kept, **own}, stdout=output, stderr=output, cwd=log.parent
        ) as process,
    ):
        try:
            _wait_until_ready(process, running.url + health, log)
            yield running
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    print(log.read_text()[-3000:], file=sys.stderr)
    raise RuntimeError(f"the server did not start: {url}")
