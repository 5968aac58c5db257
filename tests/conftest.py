"""Fixtures for all: the cast and a started server."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

# Before Django reads its settings: no test touches the data of a real server.
_DATA = tempfile.mkdtemp(prefix="parley-test-")
os.environ["PARLEY_DATA"] = _DATA
os.environ["PARLEY_PRIVATE_NETWORKS"] = "loopback"  # where the fake provider is, with Redis too
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)

# A busy machine makes examples slowly.
hypothesis.register_profile(
    "busy", hypothesis.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("busy")

pytest_plugins = ["tests.fakes.fixtures"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """A test's own transaction is not ended for waiting while a busy machine makes pages and passwords."""
    from django.db import connection

    if connection.vendor == "postgresql":
        connection.settings_dict["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=0"


@pytest.fixture
def anew(settings: Any, db: None) -> None:
    """Nobody has tried anything yet; passwords are quick."""
    from django.core.cache import cache

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


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
def vendor() -> Iterator[Any]:
    """The fake provider that the started servers know as `openai` and as `anthropic`."""
    from tests.fakes.threaded import ThreadedFakeProvider

    with ThreadedFakeProvider() as provider:
        yield provider


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Any]:
    """One started server for all tests that only talk to it; `server.keys` has the cast's API keys."""
    server = started_server(tmp_path_factory.mktemp("server"), vendor)
    server.start()
    server.keys = server.cast()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path, vendor: Any) -> Iterator[Any]:
    """A server that the test starts and may kill."""
    server = started_server(tmp_path, vendor)
    yield server
    server.kill()


@pytest.fixture
def new_server(tmp_path: Path, vendor: Any) -> Iterator[Any]:
    """One that never ran: nobody has an account."""
    server = started_server(tmp_path, vendor, is_new=True)
    yield server
    server.kill()


def started_server(data: Path, vendor: Any, *, is_new: bool = False) -> Any:
    from tests.prepared import empty_database, prepare
    from tests.server import ParleyServer

    vendors = {
        "OPENAI_API_KEY": "sk-canary-openai-0123456789",
        "OPENAI_BASE_URL": vendor.base_url,
        "ANTHROPIC_API_KEY": "sk-canary-anthropic-0123456789",
        "ANTHROPIC_BASE_URL": vendor.root_url,
    }
    return ParleyServer(data, RUN_IN_WEB="1", **vendors, **(empty_database() if is_new else prepare(data)))
