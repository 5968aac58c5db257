"""The message field by the keyboard alone, and by voice."""

from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat

# A browser that hears "hello there" as soon as it listens.
HEARS = """globalThis.SpeechRecognition = class {
  start() {
    setTimeout(() => this.onresult({ results: [[{ transcript: "hello there" }]] }))
  }
  stop() {}
  abort() {}
}"""


def test_a_model_is_chosen_and_a_message_sent_answered_quoted_and_asked_again_by_keyboard(chat: Chat) -> None:
    field, label = chat.page.locator("[data-composer-input]"), chat.page.locator("[data-picker-label]")
    expect(label).not_to_have_text("Choose a model")
    field.focus()
    keys = chat.page.keyboard
    keys.type("/")
    expect(chat.page.get_by_role("listbox", name="Commands").get_by_role("option").first).to_have_attribute(
        "aria-selected", "true"
    )
    keys.type("mod")
    keys.press("Tab")
    expect(field).to_have_value("/model ")
    keys.type("demo fast")
    keys.press("Enter")
    expect(label).to_have_text("fast")
    expect(field).to_have_value("")
    keys.type("/etc/hosts is no command")
    keys.press("Enter")
    expect(chat.question.locator(".plain")).to_have_text("/etc/hosts is no command")
    chat.ended()
    keys.type("/retry")
    keys.press("Enter")
    expect(chat.answer.locator("[data-branch-label]")).to_have_text("2/2")
    chat.ended()
    chat.answer.get_by_role("button", name="Quote").focus()
    keys.press("Enter")
    expect(field).to_be_focused()
    assert field.input_value().startswith("> ")


def test_instructions_of_a_chat_are_set_by_a_command(chat: Chat) -> None:
    expect(chat.page.locator("[data-picker-label]")).not_to_have_text("Choose a model")
    field = chat.page.locator("[data-composer-input]")
    field.fill("/system Answer in verse.")
    chat.page.keyboard.press("Enter")
    assert chat.path
    chat.open(chat.path)
    expect(chat.page.locator(".blank")).to_be_attached()
    field.fill("/system")
    chat.page.keyboard.press("Enter")
    expect(field).to_have_value("/system Answer in verse.")


def test_what_is_being_written_stays_with_its_chat_and_outlives_it(
    chat: Chat, context: BrowserContext
) -> None:
    field = chat.page.locator("[data-composer-input]")
    chat.choose("demo/chat").send("A question").ended()
    path = chat.path
    field.fill("half a sentence")
    chat.open("/")
    expect(field).to_have_value("")
    other = Chat(context.new_page()).open(path)
    expect(other.page.locator("[data-composer-input]")).to_have_value("half a sentence")
    item = chat.page.locator(f'.session:has(a[href="{path}"])')
    item.locator("[data-menu-button]").click()
    item.locator("[data-session-delete]").click()
    chat.open("/")  # as the page goes, it is deleted
    expect(other.page.locator("[data-controller=notice]")).to_contain_text("Begin a new one")
    other.page.locator("a.new-chat").click()
    expect(other.page.locator("[data-composer-input]")).to_have_value("half a sentence")


def test_what_is_dictated_stands_in_the_field(chat: Chat) -> None:
    chat.page.add_init_script(HEARS)
    chat.open()
    chat.page.locator("[data-composer-input]").fill("Well,")
    chat.page.get_by_role("button", name="Dictate").click()
    expect(chat.page.locator("[data-composer-input]")).to_have_value("Well, hello there")
    chat.page.add_init_script(
        "delete globalThis.SpeechRecognition; delete globalThis.webkitSpeechRecognition"
    )
    chat.open()
    expect(chat.page.locator(".voice")).to_be_hidden()
