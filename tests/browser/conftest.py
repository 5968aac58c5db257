"""A real server as `make run` starts it (no debug), a provider that plays scripts, and Debian's Chromium.

Run by itself, `pytest tests/browser`: Playwright's loop does not share a process with async tests.
"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chat import Chat
from tests.fakes.provider import FakeProvider
from tests.server import ParleyServer

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000  # ms: a slow machine is not a failure
USER, PASSWORD = "ann", "correct-horse-battery"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": FLAGS}


class ThreadedProvider:
    """The fake provider on a loop of its own, because the tests here are not async."""

    def __init__(self) -> None:
        self.fake = FakeProvider()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._run(self.fake.start())

    def play(self, **script: Any) -> None:
        self._loop.call_soon_threadsafe(lambda: self.fake.play(**script))

    def stop(self) -> None:
        self._run(self.fake.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, task: Any) -> None:
        asyncio.run_coroutine_threadsafe(task, self._loop).result(30)


@pytest.fixture(scope="session")
def provider() -> Iterator[ThreadedProvider]:
    threaded = ThreadedProvider()
    yield threaded
    threaded.stop()


@pytest.fixture(scope="session")
def parley(tmp_path_factory: pytest.TempPathFactory, provider: ThreadedProvider) -> Iterator[ParleyServer]:
    server = started(tmp_path_factory.mktemp("parley"), provider)
    yield server
    server.stop()


def started(data: Path, provider: ThreadedProvider) -> ParleyServer:
    server = ParleyServer(
        data,
        PARLEY_DEBUG="0",
        PARLEY_PRIVATE_NETWORKS="loopback",  # where the fake provider is
        PARLEY_ADMIN_USER=USER,
        PARLEY_ADMIN_PASSWORD=PASSWORD,
        PARLEY_SIGN_UP="invitation",
        OPENAI_API_KEY="sk-browser-tests",
        OPENAI_BASE_URL=provider.fake.base_url,
    )
    server.manage("compiletranslations")
    server.manage("collectstatic", "--noinput", "--ignore", "languages", "--verbosity", "0")
    server.manage("migrate", "--verbosity", "0")
    return server.start()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, parley: ParleyServer) -> Any:
    """The cookies of a person who is signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, parley)
    page.wait_for_url(f"{parley.url}/")
    state = context.storage_state()
    context.close()
    return state


def sign_in(
    page: Page, parley: ParleyServer, password: str = PASSWORD, user: str = USER, url: str = ""
) -> None:
    page.goto(f"{url or parley.url}/login/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def context(browser: Browser, parley: ParleyServer, signed_in: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(
        storage_state=signed_in,
        viewport={"width": 1280, "height": 800},
        base_url=parley.url,
        service_workers="block",  # a page behind one hides its requests from the tests
    )
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=parley.url)
    yield context
    context.close()


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of somebody who is not signed in."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def chat(context: BrowserContext) -> Iterator[Chat]:
    """A new chat; the page must have said nothing to the console by the end."""
    chat = Chat(context.new_page())
    chat.open()
    yield chat
    assert chat.complaints == []


@pytest.fixture(autouse=True)
def patient() -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
