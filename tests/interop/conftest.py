"""A started Parley whose alice is an operator, and the servers of others behind taps."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.conftest import started_server
from tests.gateway.conftest import anthropic_sdk, openai_sdk  # noqa: F401 - fixtures
from tests.interop import servers
from tests.interop.environments import CannotInstallError
from tests.interop.servers import Running

OPERATOR = "User.objects.filter(username='alice').update(is_staff=True, is_superuser=True)"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Any]:
    """Not the server of the other tests: here alice sets providers up."""
    server = started_server(tmp_path_factory.mktemp("parley"), vendor)
    server.start()
    server.keys = server.cast()
    server.manage("shell", "-v", "0", "-c", f"from django.contrib.auth.models import User; {OPERATOR}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def litellm(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Running]:
    with installed(servers.litellm(tmp_path_factory.mktemp("litellm"), vendor.base_url)) as running:
        yield running


@pytest.fixture(scope="session")
def agent_os(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with installed(servers.agent_os(tmp_path_factory.mktemp("agno"))) as running:
        yield running


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with installed(servers.llama(tmp_path_factory.mktemp("llama"))) as running:
        yield running


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with installed(servers.aimock(tmp_path_factory.mktemp("aimock"))) as running:
        yield running


@contextmanager
def installed(starting: AbstractContextManager[Running]) -> Iterator[Running]:
    """Skips where the packages cannot be installed, and for no other reason."""
    try:
        running = starting.__enter__()
    except CannotInstallError as error:
        pytest.skip(f"cannot be installed here: {error}")
    try:
        yield running
    finally:
        starting.__exit__(None, None, None)
