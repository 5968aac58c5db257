"""What is remembered, as its person sees it: the settings page, a chat's switch, the line below an answer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider


@pytest.fixture
def settings(chat: Chat) -> Iterator[Page]:
    """The settings page with nothing remembered."""
    page = chat.page
    page.goto("/settings")
    yield page
    page.goto("/settings")
    expect(page.locator("[data-memory-list] li, [data-memory-none]:visible").first).to_be_visible()
    if page.locator("[data-memory-forget]").is_visible():
        page.locator("[data-memory-forget]").click()
        page.get_by_role("dialog").get_by_role("button", name="Forget everything").click()
    expect(items(page)).to_have_count(0)


def items(page: Page) -> Locator:
    return page.locator("[data-memory-list] li")


def note(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Something to remember").fill(text)
    page.get_by_role("button", name="Note").click()
    expect(items(page).filter(has_text=text)).to_have_count(1)


def test_memory_is_noted_searched_changed_and_forgotten(settings: Page) -> None:
    note(settings, "The user drinks green tea.")
    note(settings, "用户住在杭州。")
    settings.get_by_role("searchbox").fill("杭州")
    expect(items(settings)).to_have_count(1)
    items(settings).get_by_role("button", name="Edit").click()
    items(settings).get_by_role("textbox").fill("用户住在苏州。")
    items(settings).get_by_role("button", name="Save").click()
    expect(items(settings)).to_contain_text("用户住在苏州。")
    items(settings).get_by_role("button", name="Forget").click()
    expect(items(settings)).to_have_count(0)
    settings.get_by_role("searchbox").fill("")
    expect(items(settings)).to_contain_text(["green tea"])


def test_an_answer_says_what_it_was_told_and_a_chat_without_memory_is_not(
    settings: Page, chat: Chat, provider: ThreadedProvider
) -> None:
    note(settings, "The user keeps bees.")
    provider.play(text="Bees.")
    chat.open("/").choose("openai/gpt-5.5").send("What do I keep?").ended()
    line = chat.answer.locator("[data-message-context]")
    line.locator("summary").click()
    expect(line).to_contain_text("The user keeps bees.")
    chat.open("/")
    settings.get_by_role("button", name="Memory is on in this chat").click()
    settings.get_by_role("switch", name="Memory in this chat").click()
    chat.send("What do I keep?").ended()
    expect(chat.answer.locator("[data-message-context]")).to_be_hidden()
    settings.reload()
    expect(settings.get_by_role("button", name="Memory is off in this chat")).to_be_visible()


def test_how_long_chats_are_kept_is_chosen_on_the_settings_page(settings: Page) -> None:
    form = settings.locator(".lifetimes")
    form.get_by_label("Days without a message").fill("30")
    form.get_by_label("Then").select_option("delete")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    settings.reload()
    expect(form.get_by_label("Days without a message")).to_have_value("30")
    expect(form.get_by_label("Then")).to_have_value("delete")
    form.get_by_label("Days without a message").fill("")
    form.get_by_label("Then").select_option("")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
