"""Fixtures for all: the cast and a started server."""

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before Django reads its settings: no test touches the data of a real server.
_DATA = tempfile.mkdtemp(prefix="parley-test-")
os.environ["PARLEY_DATA"] = _DATA
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)

pytest_plugins = ["tests.fakes.fixtures"]


@pytest.fixture
def alice(db: None) -> Any:
    from tests.cast import make_user

    return make_user("alice")


@pytest.fixture
def bob(db: None) -> Any:
    from tests.cast import make_user

    return make_user("bob")


@pytest.fixture
def carol(db: None) -> Any:
    from tests.cast import make_user

    return make_user("carol")


@pytest.fixture
def demo(db: None) -> None:
    """The built-in provider is set up, as at a server's start."""
    from providers.catalogue import sync_environment

    sync_environment()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One started server for all tests that only talk to it; `server.keys` has the cast's API keys."""
    from tests.server import ParleyServer, fresh_database

    data = tmp_path_factory.mktemp("server")
    server = ParleyServer(data, **fresh_database(f"server_{uuid.uuid4().hex[:8]}"))
    server.start()
    server.keys = server.cast()  # type: ignore[attr-defined]
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Any]:
    """A server that the test may kill."""
    from tests.server import ParleyServer, fresh_database

    server = ParleyServer(tmp_path, **fresh_database(f"own_{uuid.uuid4().hex[:8]}"))
    yield server
    server.kill()
