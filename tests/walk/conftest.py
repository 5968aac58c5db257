"""One started server for all who walk, with its cast."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.conftest import started_server
from tests.walk.walking import Walk


@pytest.fixture(scope="package")
def walked(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    server = started_server(tmp_path_factory.mktemp("walk"), vendor)
    cast = server.told_by("tests.walk.cast")
    server.start()
    yield server, cast
    server.stop()


@pytest.fixture
async def walk(walked: tuple[Any, dict[str, Any]]) -> AsyncIterator[Walk]:
    walk = Walk(*walked)
    yield walk
    await walk.http.aclose()
