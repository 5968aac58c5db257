"""A real Parley server as a child process, as `make run` starts it, on a free port with data of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.prepared import CAST, ROOT
from tests.services import free_port


class ParleyServer:
    """`kill()` is kill -9, `start()` starts it again on the same data and port."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/chat/"
        self.log = data / "server.log"
        own = {"PARLEY_DATA": str(data), "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "project.settings", **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.keys: dict[str, str] = {}
        self.child_options: dict[str, Any] = {}  # for subprocess

    def start(self) -> "ParleyServer":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                **self.child_options,
            )
        self._wait_until_ready()
        return self

    def beside(self) -> "ParleyServer":
        """A second server process on the same data."""
        other = ParleyServer(self.log.parent)
        other.environment = {**self.environment, "PORT": str(other.port)}
        return other.start()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def cast(self) -> dict[str, str]:
        """Names to API keys."""
        if (ready := self.log.with_name(CAST)).exists():
            return dict(json.loads(ready.read_text()))
        return dict(self.told_by("tests.cast"))

    def told_by(self, module: str) -> Any:
        """The JSON that this module prints, run with the server's environment."""
        made = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, check=True
        )
        return json.loads(made.stdout)

    def setup_link(self) -> str:
        """Where the owner's account is made, as the log says it while there is none."""
        found = re.search(r"http://\S+/setup/\S+", self.log.read_text())
        assert found
        return found[0]

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    def _end(self, how: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _wait_until_ready(self, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process and self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text()[-3000:]}")
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text()[-3000:])
