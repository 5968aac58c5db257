"""One started server for all who walk, with its cast."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.conftest import started_server
from tests.prepared import ROOT
from tests.walk.walking import Walk


@pytest.fixture(scope="package")
def walked(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    server = started_server(tmp_path_factory.mktemp("walk"), vendor)
    made = subprocess.run(
        [sys.executable, "-m", "tests.walk.cast"],
        cwd=ROOT,
        env=server.environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    server.start()
    yield server, json.loads(made.stdout)
    server.stop()


@pytest.fixture
async def walk(walked: tuple[Any, dict[str, Any]]) -> AsyncIterator[Walk]:
    walk = Walk(*walked)
    yield walk
    await walk.http.aclose()
