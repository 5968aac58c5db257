"""Several answers side by side, and what is said while one is written."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider


def _beside(chat: Chat, *models: str) -> Chat:
    """Chosen on the page that compares."""
    chat.open("/compare")
    selects = chat.page.locator(".side-row select")
    expect(selects).to_have_count(2)
    for _ in models[2:]:
        chat.page.get_by_role("button", name="Add a model").click()
    for place, model in enumerate(models):
        selects.nth(place).select_option(model)
    chat.page.keyboard.press("Escape")
    return chat


def _columns(chat: Chat) -> Locator:
    return chat.page.locator(".beside .message")


def test_answers_stand_side_by_side_one_fails_and_one_is_kept(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider, tmp_path: Path
) -> None:
    provider.play(status=400)
    _beside(chat, "demo/long", "openai/gpt-4o-mini", "demo/chat").send("Who is right?")
    slow, failing, good = (_columns(chat).nth(place) for place in range(3))
    expect(good).to_have_attribute("data-status", "complete")
    expect(failing).to_have_attribute("data-status", "failed")
    expect(slow.locator("[data-message-parts]")).not_to_be_empty()
    slow.get_by_role("button", name="Stop").click()
    expect(slow).to_have_attribute("data-status", "cancelled")
    chat.page.screenshot(path=tmp_path / "beside.png")
    other = Chat(context.new_page()).open(chat.path)
    statuses = ["cancelled", "failed", "complete"]
    for page in (other, chat.open(chat.path)):
        for place, status in enumerate(statuses):
            expect(_columns(page).nth(place)).to_have_attribute("data-status", status)
    good.get_by_role("button", name="Keep this one").click()
    for page in (chat, other):
        expect(_columns(page)).to_have_count(0)
        expect(page.answer.locator("[data-branch-label]")).to_have_text("3/3")
    chat.answer.locator("[data-side-all]").click()
    expect(_columns(other)).to_have_count(3)


def test_a_message_waits_for_the_end_of_an_answer_and_is_sent_once(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider
) -> None:
    provider.play(text="At last.", delay=600)
    chat.choose("openai/gpt-4o-mini").send("A long one")
    expect(chat.stop_button).to_be_visible()
    chat.send("Not this").send("But this")
    waiting = chat.page.locator(".queued")
    expect(waiting).to_have_count(2)
    waiting.first.get_by_role("button", name="Remove").click()
    other = Chat(context.new_page()).open(chat.path)
    for page in (other, chat.open(chat.path)):
        expect(page.page.locator(".queued-text")).to_have_text("But this")
    chat.page.locator(".queued [data-queue-edit]").click()
    expect(chat.page.locator("[data-composer-input]")).to_have_value("But this")
    expect(other.page.locator(".queued")).to_have_count(0)
    chat.page.keyboard.press("Enter")
    expect(other.page.locator(".queued-text")).to_have_text("But this")
    provider.play(text="At last.")
    chat.stop_button.click()
    chat.ended("cancelled")
    chat.page.get_by_role("button", name="Send now").click()
    for page in (chat, other):
        expect(page.question.locator(".plain")).to_have_text("But this")
        expect(page.page.locator('.message[data-role="user"]')).to_have_count(2)
        expect(page.page.locator(".queued")).to_have_count(0)
    chat.ended()


def test_what_waits_is_said_in_turn_where_two_windows_look_on(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider
) -> None:
    provider.play(text="At last.", delay=600)
    chat.choose("openai/gpt-4o-mini").send("A long one")
    expect(chat.stop_button).to_be_visible()
    chat.send("first").send("second").send("third")
    other = Chat(context.new_page()).open(chat.path)
    expect(other.page.locator(".queued")).to_have_count(3)
    provider.play(text="At last.")
    chat.stop_button.click()
    chat.ended("cancelled")
    chat.page.get_by_role("button", name="Send now").click()
    for page in (chat, other):
        expect(page.page.locator('.message[data-role="user"] .plain')).to_have_text(
            ["A long one", "first", "second", "third"]
        )
        page.ended()
        expect(page.page.locator(".branches:visible")).to_have_count(0)


def test_the_page_of_usage_shows_what_an_answer_used(chat: Chat) -> None:
    chat.choose("demo/chat").send("How much is this?").ended()
    chat.page.goto("/usage")
    row = chat.page.locator("[data-usage-rows] tr", has_text="chat").first
    expect(row.locator("td").first).not_to_be_empty()
    for name in ("tokens", "first"):
        expect(chat.page.locator(f"[data-usage-{name}] svg [class^=series-]").first).to_be_attached()
    chat.page.get_by_label("By").select_option("user")
    expect(chat.page.locator("[data-usage-rows] tr", has_text="ann")).to_have_count(1)
