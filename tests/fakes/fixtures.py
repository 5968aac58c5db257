"""Fixtures for everything that talks to a provider: the fake one, and the clients it needs."""

from collections.abc import AsyncIterator, Iterator

import pytest

from providers.http import ReadPace, close_client
from tests.fakes.provider import FakeProvider
from tests.fakes.threaded import ThreadedFakeProvider


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """A fake provider on this test's event loop; the loop's HTTP client is closed after it."""
    async with FakeProvider() as provider:
        yield provider
        await close_client()


@pytest.fixture
def threaded_fake() -> Iterator[FakeProvider]:
    """A fake provider on a thread of its own, for tests that have no event loop."""
    with ThreadedFakeProvider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _usual_pace() -> Iterator[None]:
    """No test leaves its reading pace to the next."""
    usual = ReadPace.interval
    yield
    ReadPace.interval = usual
