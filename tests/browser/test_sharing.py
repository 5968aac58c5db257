"""Finding a chat, and two people in one: the same stream in both windows, who is there, who may."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chat import Chat
from tests.browser.conftest import PATIENCE
from tests.server import ParleyServer

MAKE_BEN = (
    "from django.contrib.auth import get_user_model as g; u = g().objects; "
    "u.filter(username='ben').exists() or u.create_user('ben', password='ben-pass-word')"
)


@pytest.fixture
def ben(browser: Browser, parley: ParleyServer) -> Iterator[Chat]:
    """Somebody else's window."""
    parley.manage("shell", "-c", MAKE_BEN)
    context = browser.new_context(base_url=parley.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("ben")
    page.get_by_label("Password").fill("ben-pass-word")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{parley.url}/")
    chat = Chat(page)
    yield chat
    assert chat.complaints == []
    context.close()


def menu(chat: Chat, item: str) -> None:
    entry = chat.page.locator(".session:has([aria-current])")
    entry.hover()
    entry.get_by_role("button", name="Actions").click()
    entry.get_by_text(item, exact=True).click()


def let_in(chat: Chat, role: str) -> None:
    menu(chat, "Share…")
    dialog = chat.page.get_by_role("dialog")
    dialog.get_by_label("Username").fill("ben")
    dialog.locator("[data-people-form] select").select_option(role)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.locator("[data-members-list] li")).to_have_count(2)
    dialog.get_by_role("button", name="Close").click()


def test_two_windows_show_the_same_stream_and_each_other(chat: Chat, ben: Chat) -> None:
    chat.choose("demo/chat").send("Hello").ended()
    let_in(chat, "driver")
    ben.open("/s/" + chat.page.url.rsplit("/", 1)[1])
    expect(chat.page.locator(".people .avatar")).to_have_attribute("title", "ben")
    expect(ben.page.locator(".people .avatar")).to_have_attribute("title", "ann")
    expect(ben.page.locator(".message.named [data-message-who]")).to_have_text("ann")
    ben.page.locator("[data-composer-input]").press_sequentially("I think")
    expect(chat.page.locator("[data-typing]")).to_have_text("ben is writing…")
    expect(chat.page.locator("[data-typing]")).to_have_text("")
    ben.page.locator("[data-composer-input]").fill("")
    ben.choose("demo/long").send("Say much")
    expect(chat.question).to_contain_text("Say much")
    expect(chat.answer.locator(".prose")).not_to_be_empty()
    chat.stop_button.click()
    chat.ended("cancelled")
    ben.ended("cancelled")
    assert chat.shown(chat.answer) == ben.shown(ben.answer) != ""


def test_who_may_only_read_cannot_write_and_who_is_removed_sees_no_more(chat: Chat, ben: Chat) -> None:
    chat.choose("demo/chat").send("Hello").ended()
    let_in(chat, "viewer")
    ben.open("/s/" + chat.page.url.rsplit("/", 1)[1])
    expect(ben.page.locator("[data-composer-input]")).to_be_disabled()
    ben.ended()
    menu(chat, "Share…")
    chat.page.get_by_role("button", name="Remove ben").click()
    expect(ben.page.locator("[data-controller=notice]")).to_be_visible()
    chat.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(chat.page.locator(".people")).to_be_hidden()


def test_a_chat_is_found_by_what_was_said_and_shown_there(chat: Chat) -> None:
    chat.choose("demo/chat").send("Where do quokkas live? 短尾矮袋鼠住在哪里").ended()
    chat.page.locator(".new-chat").first.click()
    for words, marked in (("QUOKKAS", "quokkas"), ("袋鼠", "袋鼠")):
        chat.page.keyboard.press("Control+k")
        chat.page.locator("[data-search-field]").fill(words)
        hit = chat.page.locator(".hit:has(.hit-text mark)").first
        expect(hit.locator("mark").first).to_have_text(marked)
        chat.page.keyboard.press("ArrowDown")
        hit.click()
        expect(chat.question).to_contain_text("Where do quokkas live?")
    chat.page.keyboard.press("Control+k")
    chat.page.locator("[data-search-field]").fill("zzzzzz")
    expect(chat.page.locator("[data-search-news]")).to_have_text("Nothing was found.")


def test_a_shared_link_shows_the_chat_to_anybody_until_it_is_revoked(chat: Chat, browser: Browser) -> None:
    chat.choose("demo/chat").send("A table and code, please").ended()
    menu(chat, "Share…")
    chat.page.get_by_role("button", name="Make a link").click()
    expect(chat.page.locator("[data-link-made]")).to_be_visible()
    address = chat.page.locator("[data-link-url]").input_value()
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(address)
    expect(page.locator(".message .prose").first).to_be_visible()
    expect(page.locator(".share h1")).to_have_text(re.compile("A table and code"))
    chat.page.get_by_role("button", name="Revoke").click()
    expect(chat.page.locator("[data-links-list] li")).to_have_count(0)
    response = page.reload()
    assert response and response.status == 404
    stranger.close()


def test_a_chat_is_pinned_archived_and_brought_back(chat: Chat) -> None:
    chat.choose("demo/chat").send("Keep this one").ended()
    menu(chat, "Pin")
    expect(chat.page.locator(".sessions h2").first).to_have_text("Pinned")
    menu(chat, "Archive")
    expect(chat.page.locator(".session a[aria-current]")).to_have_count(0)
    chat.page.get_by_role("button", name="Archived chats").click()
    menu(chat, "Bring back")
    chat.page.get_by_role("button", name="Back to the chats").click()
    expect(chat.page.locator(".session a[aria-current]")).to_have_text("Keep this one")


def test_a_comment_is_seen_in_both_windows_and_begins_no_answer(chat: Chat, ben: Chat) -> None:
    chat.choose("demo/chat").send("Hello").ended()
    let_in(chat, "commenter")
    ben.open("/s/" + chat.page.url.rsplit("/", 1)[1])
    composer = ben.page.locator("[data-composer-input]")
    expect(composer).to_have_attribute("placeholder", "You may read and comment here.")
    expect(composer).to_be_disabled()
    ben.answer.hover()
    expect(ben.answer.get_by_role("button", name="Regenerate")).to_have_count(0)
    ben.answer.get_by_role("button", name="Comment", exact=True).click()
    ben.page.get_by_role("textbox", name="Comment").fill("这里不对。")
    ben.page.keyboard.press("Enter")
    comment = chat.answer.locator(".comment")
    expect(comment).to_contain_text("ben")
    expect(comment).to_contain_text("这里不对。")
    expect(chat.page.locator(".message")).to_have_count(2)
    ben.page.reload()
    expect(ben.answer.locator(".comment")).to_contain_text("You")
    comment.get_by_role("button", name="Remove the comment").click()
    expect(ben.answer.locator(".comment")).to_have_count(0)
