"""Everything without a mouse; and what goes on elsewhere, shown in every tab."""

from playwright.sync_api import BrowserContext, Keyboard, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider

MODEL = "openai/gpt-4o-mini"


def press(keyboard: Keyboard, *keys: str) -> None:
    for key in keys:
        keyboard.press(key)


def test_a_chat_by_keyboard_alone(chat: Chat, provider: ThreadedProvider) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    provider.play(text="An answer to copy.")
    page.locator(".picker-button").press("Enter")
    page.locator(f'[data-model="{MODEL}"]').press("Enter")
    expect(page.locator("[data-picker-label]")).to_have_text("gpt-4o-mini")
    expect(page.locator(".picker-button")).to_be_focused()
    page.locator(".brand").focus()
    keyboard.press("/")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    keyboard.type("By keyboard?")
    keyboard.press("Enter")
    chat.ended()
    keyboard.press("Control+Shift+E")
    expect(chat.answer).to_have_class("message copied")
    assert page.evaluate("navigator.clipboard.readText()") == "An answer to copy."
    keyboard.press("Control+Shift+O")
    expect(page.locator(".empty")).to_be_visible()
    keyboard.press("Control+k")
    keyboard.type("By keyboard")
    expect(page.locator(".hit").first).to_be_visible()
    press(keyboard, "ArrowDown", "Enter")
    expect(chat.question).to_contain_text("By keyboard?")


def test_the_list_of_shortcuts_opens_where_nobody_writes_and_closes(chat: Chat) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    field = page.get_by_label("Message", exact=True)
    field.press("?")
    expect(field).to_have_value("?")
    page.locator(".brand").focus()
    keyboard.press("?")
    expect(shortcuts).to_contain_text("Copy the last answer")
    keyboard.press("Escape")
    expect(shortcuts).to_be_hidden()
    page.locator("body").press("Control+Shift+S")
    expect(page.locator("#sidebar")).to_be_hidden()


def test_a_menu_of_a_chat_is_used_by_keyboard(chat: Chat) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    chat.choose("demo/chat").send("To be renamed").ended()
    page.locator(".session a[aria-current]").focus()
    press(keyboard, "Tab", "Enter", "ArrowDown", "ArrowDown", "Enter")
    page.locator(".rename").fill("Renamed by keyboard")
    keyboard.press("Enter")
    expect(page.locator(".session a[aria-current]")).to_contain_text("Renamed by keyboard")
    expect(page.locator(".session a[aria-current]")).to_be_focused()
    press(keyboard, "Tab", "Enter", "ArrowDown", "Enter", "Escape")  # a dialog, and out of it
    expect(page.locator(".session:has([aria-current]) [data-menu-button]")).to_be_focused()


def test_the_focus_stays_at_the_message_that_one_edits_or_asks_again(chat: Chat) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    chat.choose("demo/fast").send("To be edited").ended()
    edit = chat.question.get_by_role("button", name="Edit")
    edit.press("Enter")
    keyboard.press("Escape")
    expect(edit).to_be_focused()
    edit.press("Enter")
    press(keyboard, "End", "!", "Enter")
    expect(chat.question.locator("[data-branch-label]")).to_have_text("2/2")
    chat.ended()
    expect(chat.question.locator(":focus")).to_have_count(1)
    chat.answer.get_by_role("button", name="Regenerate").press("Enter")
    expect(chat.answer.locator("[data-branch-label]")).to_have_text("2/2")
    chat.ended()
    assert page.evaluate("document.activeElement.closest('.message')?.dataset.role") == "assistant"


def test_what_is_done_to_a_chat_by_keyboard_leaves_the_focus_there_and_is_seen_in_another_tab(
    chat: Chat, context: BrowserContext
) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    chat.choose("demo/fast").send("Before").ended()
    path = chat.path
    chat.open("/").send("To be pinned").ended()
    other = Chat(context.new_page()).open("/").page.locator(f'.session:has(a[href="{path}"])')
    own = page.locator(f'.session:has(a[href="{path}"])')
    for act, heading in (("Pin", "Pinned"), ("Unpin", "Today")):
        own.locator("[data-menu-button]").press("Enter")
        own.get_by_role("button", name=act, exact=True).press("Enter")
        expect(page.locator("section", has=own).get_by_role("heading")).to_have_text(heading)
        expect(own.locator("[data-menu-button]")).to_be_focused()
    own.locator("[data-menu-button]").press("Enter")
    own.get_by_role("button", name="Rename").press("Enter")
    keyboard.type("Seen elsewhere")
    keyboard.press("Enter")
    expect(other).to_contain_text("Seen elsewhere")
    own.locator("[data-menu-button]").press("Enter")
    own.get_by_role("button", name="Archive").press("Enter")
    expect(other).to_have_count(0)
    expect(page.locator(".session [data-menu-button]:focus")).to_have_count(1)


def test_an_answer_that_goes_on_is_shown_in_another_tab_until_it_is_looked_at(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider
) -> None:
    other = Chat(context.new_page()).open("/")
    provider.play(pieces=["word "] * 2000, rate=50.0)
    chat.choose(MODEL).send("go on for long")
    item = other.page.locator(f'.session:has(a[href="{chat.path}"])')
    expect(item).to_have_attribute("data-activity", "running")
    chat.stop_button.click()
    expect(item).to_have_attribute("data-activity", "fresh")
    item.locator("a").first.click()
    expect(item).to_have_attribute("data-activity", "")


def test_a_chat_is_put_into_a_folder_that_folds(chat: Chat) -> None:
    page = chat.page
    chat.choose("demo/chat").send("File me").ended()
    item = page.locator(".session:has([aria-current])")
    item.locator("[data-menu-button]").click()
    item.locator("[data-session-folder]").click()
    page.get_by_label("Name of the folder").fill("Travel")
    page.keyboard.press("Enter")
    folder = page.locator(".folder", has_text="Travel")
    expect(folder.get_by_role("link")).to_contain_text("File me")
    folder.locator("summary").click()
    page.reload()
    expect(folder.locator("summary")).to_be_visible()
    expect(folder.get_by_role("link")).to_be_hidden()
