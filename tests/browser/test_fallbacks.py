"""What the page says while an answer is on its way, and afterwards who could not give it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider


@pytest.fixture(scope="module")
def other() -> Iterator[ThreadedProvider]:
    provider = ThreadedProvider()
    yield provider
    provider.stop()


@pytest.fixture
def routed(chat: Chat, provider: ThreadedProvider, other: ThreadedProvider) -> Chat:
    """A chat with a route over two providers, the first of which has one place."""
    for name, fake, more in (("busy", provider, {"max_concurrency": 1}), ("calm", other, {})):
        made = {"id": name, "kind": "openai-compatible", "base_url": fake.fake.base_url, "api_key": "sk-x"}
        _post(chat, "providers/", {**made, **more, "models": ["m"]})
    targets = [{"provider": name, "model": "m"} for name in ("busy", "calm")]
    _post(chat, "routes/", {"name": "best", "targets": targets})
    chat.open()
    return chat


def test_a_fallback_is_told_while_it_happens_and_under_the_answer(
    routed: Chat, provider: ThreadedProvider, other: ThreadedProvider, tmp_path: Path
) -> None:
    provider.play(status=429, headers={"retry-after": "2"})
    other.play(text="Here I am.", delay=3.0)
    routed.choose("best").send("Is anybody there?")
    wait = routed.answer.locator("[data-message-wait-label]")
    expect(wait).to_have_text("too many requests: trying again in 2 s…")
    routed.page.screenshot(path=tmp_path / "retry.png")
    expect(wait).to_have_text("busy m: too many requests. Asking calm m…")
    routed.page.screenshot(path=tmp_path / "fallback.png")
    routed.ended()
    expect(routed.answer.locator(".provenance")).to_contain_text("calm m")
    expect(routed.answer.locator(".provenance")).to_contain_text("busy m: too many requests")
    routed.page.screenshot(path=tmp_path / "answered.png")
    routed.page.reload()
    expect(routed.answer.locator(".provenance")).to_contain_text("busy m: too many requests")


def test_who_waits_for_a_place_is_told(
    routed: Chat, context: BrowserContext, provider: ThreadedProvider, tmp_path: Path
) -> None:
    provider.play(text="At last.", delay=600)
    routed.choose("busy/m").send("First")
    expect(routed.stop_button).to_be_visible()
    second = Chat(context.new_page()).open().choose("busy/m").send("Second")
    expect(second.answer.locator("[data-message-wait-label]")).to_have_text(
        "Waiting for a free place, next in line…"
    )
    second.page.screenshot(path=tmp_path / "queue.png")
    second.page.reload()
    expect(second.answer.locator("[data-message-wait-label]")).to_have_text(
        "Waiting for a free place, next in line…"
    )
    provider.play(text="At last.")
    routed.stop_button.click()
    routed.ended("cancelled")
    second.ended()
    expect(second.answer).to_contain_text("At last.")


def _post(chat: Chat, path: str, fields: dict[str, Any]) -> None:
    """As the operator who is signed in; what is there already stays."""
    cookies = {cookie["name"]: cookie["value"] for cookie in chat.page.context.cookies()}
    answer = chat.page.request.post(
        f"/api/{path}", data=fields, headers={"X-CSRFToken": cookies["csrftoken"], "Referer": chat.page.url}
    )
    assert answer.status in (201, 400, 409), answer.text()
