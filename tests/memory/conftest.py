"""A server whose background work is done by the fake provider's model `cheap`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import started_server

CHEAP = "openai/cheap"


@pytest.fixture(scope="package")
def remembering(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Any]:
    server = started_server(tmp_path_factory.mktemp("remembering"), vendor)
    server.environment["BACKGROUND_MODEL"] = CHEAP
    server.start()
    server.keys = server.cast()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _usual_words(vendor: Any) -> None:
    """Answers of one word; the background model has nothing to say but that."""
    vendor.play(text="Yes.")
    vendor.play("cheap", text="Nothing")
