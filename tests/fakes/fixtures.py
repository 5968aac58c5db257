"""Fixtures for everything that talks to a provider: the fake one, and the clients it needs."""

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from providers.briefly import forget
from providers.http import ReadPace, close_client
from tests.fakes.certificates import serving, write_certificate
from tests.fakes.provider import FakeProvider
from tests.fakes.threaded import ThreadedFakeProvider


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """A fake provider on this test's event loop; the loop's HTTP client is closed after it."""
    async with FakeProvider() as provider:
        yield provider
        await close_client()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    write_certificate(tmp_path / "fake.pem")
    return tmp_path / "fake.pem"


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    """A client's side that trusts `tls_fake`."""
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
async def tls_fake(certificate: Path) -> AsyncIterator[FakeProvider]:
    async with FakeProvider(serving(certificate)) as provider:
        yield provider
        await close_client()


@pytest.fixture
def threaded_fake() -> Iterator[FakeProvider]:
    """A fake provider on a thread of its own, for tests that have no event loop."""
    with ThreadedFakeProvider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """A test's database is rolled back behind the catalogue's back."""
    forget()


@pytest.fixture(autouse=True)
def _usual_pace() -> Iterator[None]:
    """No test leaves its reading pace to the next."""
    usual = ReadPace.interval
    yield
    ReadPace.interval = usual
