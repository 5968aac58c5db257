import re

from playwright.sync_api import BrowserContext, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider
from tests.browser.texts import long_answer

MODEL = "openai/gpt-4o-mini"


def test_the_demo_answers_in_markdown(chat: Chat) -> None:
    chat.choose("demo/chat").send("Hello **there**").ended()
    expect(chat.answer.locator("table th").first).to_have_text("model")
    expect(chat.answer.locator(".code .hl-keyword").first).to_have_text("def")
    expect(chat.answer.locator("ol li")).to_have_count(3)
    expect(chat.answer.locator(".provenance")).to_contain_text("tokens")
    assert "|---" in chat.copied(chat.answer)
    drawn = chat.page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((blob) => blob.text())"
    )
    assert "<table" in drawn and "<button" not in drawn


def test_the_address_names_the_session_and_back_leaves_it(chat: Chat) -> None:
    chat.choose("demo/chat").send("A question of mine").ended()
    expect(chat.page).to_have_url(re.compile(r"/s/[0-9a-f-]{36}$"))
    expect(chat.page.locator('.session a[aria-current="page"]')).to_contain_text("A question of mine")
    chat.page.go_back()
    expect(chat.page.locator(".empty")).to_be_visible()
    chat.page.go_forward()
    expect(chat.question).to_contain_text("A question of mine")


def test_two_tabs_show_a_long_answer_byte_for_byte(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider
) -> None:
    pieces = long_answer(2000)
    provider.play(pieces=pieces, rate=400.0)
    chat.choose(MODEL).send("写一篇长文")
    expect(chat.page).to_have_url(re.compile("/s/"))
    other = Chat(context.new_page()).open(chat.page.url)
    chat.ended()
    other.ended()
    assert chat.copied(chat.answer) == "".join(pieces)
    assert other.copied(other.answer) == "".join(pieces)
    streamed = chat.shown(chat.answer)
    assert streamed == other.shown(other.answer)
    chat.page.reload()
    chat.ended()
    assert chat.shown(chat.answer) == streamed  # one picture: streamed and from history are the same


def test_formulas_are_drawn_and_what_is_none_stays_text(chat: Chat, provider: ThreadedProvider) -> None:
    bad = r"$\href{javascript:alert(1)}{z}$ and \(\nothing\)"
    text = f"So $x^2$ costs $5 or $10.\n\n$$\n\\frac12\n- y\n$$\n\n{bad}"
    provider.play(pieces=[text[at : at + 5] for at in range(0, len(text), 5)], rate=100.0)
    chat.choose(MODEL).send("in formulas").ended()
    expect(chat.answer.locator("math msup")).to_have_count(1)
    expect(chat.answer.locator("math[display=block] mfrac")).to_have_count(1)
    expect(chat.answer.locator("math")).to_have_count(2)
    expect(chat.answer).to_contain_text("costs $5 or $10.")
    expect(chat.answer).to_contain_text(bad)
    expect(chat.answer.locator("a")).to_have_count(0)
    assert chat.copied(chat.answer) == text


def test_stop_keeps_what_came_and_says_so(chat: Chat, provider: ThreadedProvider) -> None:
    provider.play(pieces=["word "] * 5000, rate=50.0)
    chat.choose(MODEL).send("go on for long")
    expect(chat.answer).to_contain_text("word word word")
    chat.stop_button.click()
    chat.ended("cancelled")
    expect(chat.answer.locator("[data-message-state]")).to_contain_text("Stopped")
    expect(chat.stop_button).to_be_hidden()
    kept = chat.copied(chat.answer)
    assert kept.startswith("word word word")
    chat.page.reload()
    chat.ended("cancelled")
    assert chat.copied(chat.answer) == kept


def test_an_edit_makes_a_branch_and_the_arrows_lead_back(chat: Chat) -> None:
    chat.choose("demo/chat").send("first wording").ended()
    chat.question.hover()
    chat.question.locator("[data-message-edit]").click()
    form = chat.page.locator("form.edit")
    form.locator("textarea").fill("second wording")
    form.get_by_role("button", name="Send").click()
    expect(chat.question.locator("[data-branch-label]")).to_have_text("2/2")
    expect(chat.answer).to_contain_text("second wording")
    chat.ended()
    chat.question.locator("[data-branch-back]").click()
    expect(chat.question).to_contain_text("first wording")
    expect(chat.answer).to_contain_text("first wording")


def test_two_tabs_that_edit_one_message_make_a_branch_each(chat: Chat, context: BrowserContext) -> None:
    chat.choose("demo/chat").send("first wording").ended()
    other = Chat(context.new_page()).open(chat.path)
    other.ended()
    for count, tab in ((2, chat), (3, other)):
        tab.question.hover()
        tab.question.locator("[data-message-edit]").click()
        tab.page.locator("form.edit textarea").fill(f"wording {count}")
        tab.page.locator("form.edit").get_by_role("button", name="Send").click()
        for one in (chat, other):
            expect(one.question.locator("[data-branch-label]")).to_have_text(re.compile(f"/{count}$"))
        tab.ended()


def test_an_edit_that_another_tab_took_from_view_is_kept(chat: Chat, context: BrowserContext) -> None:
    chat.choose("demo/chat").send("first wording").ended()
    other = Chat(context.new_page()).open(chat.path)
    other.ended()
    for tab, wording in ((chat, "mine, half"), (other, "the other's")):
        tab.question.hover()
        tab.question.locator("[data-message-edit]").click()
        tab.page.locator("form.edit textarea").fill(wording)
    other.page.locator("form.edit").get_by_role("button", name="Send").click()
    expect(chat.question.locator("[data-branch-label]")).to_have_text("2/2")
    chat.question.locator("[data-branch-back]").click()
    expect(chat.page.locator("form.edit textarea")).to_have_value("mine, half")
    chat.page.get_by_role("button", name="Cancel", exact=True).click()
    expect(chat.question).to_contain_text("first wording")


def test_regenerate_makes_a_sibling_answer(chat: Chat, provider: ThreadedProvider) -> None:
    provider.play(text="The first answer.")
    chat.choose(MODEL).send("say something").ended()
    provider.play(text="The second answer.")
    chat.answer.hover()
    chat.answer.locator("[data-message-regenerate]").click()
    expect(chat.answer).to_contain_text("The second answer.")
    expect(chat.answer.locator("[data-branch-label]")).to_have_text("2/2")
    chat.answer.locator("[data-branch-back]").click()
    expect(chat.answer).to_contain_text("The first answer.")


def test_a_failed_answer_says_why_and_can_be_tried_again(chat: Chat, provider: ThreadedProvider) -> None:
    provider.play(status=400, body={"error": {"message": "no", "type": "invalid_request_error"}})
    chat.choose(MODEL).send("this fails").ended("failed")
    expect(chat.answer.locator("[data-message-state]")).to_be_visible()
    provider.play(text="Now it works.")
    chat.answer.locator("[data-message-retry]").click()
    expect(chat.answer).to_contain_text("Now it works.")


def test_thoughts_are_folded_away(chat: Chat, provider: ThreadedProvider) -> None:
    chat.choose("demo/reason").send("think").ended()
    expect(chat.answer.locator(".reasoning summary")).to_contain_text("Thought for")
    expect(chat.answer.locator("[data-reasoning-text]")).to_be_hidden()
    chat.answer.locator(".reasoning summary").click()
    expect(chat.answer.locator("[data-reasoning-text]")).to_be_visible()


def test_a_session_can_be_renamed_deleted_and_had_back(chat: Chat) -> None:
    chat.choose("demo/chat").send("to be deleted").ended()
    item = chat.page.locator(".session:has([aria-current])")
    item.locator("[data-menu-button]").click()
    item.locator("[data-session-rename]").click()
    chat.page.locator(".rename").fill("A better name")
    chat.page.keyboard.press("Enter")
    expect(item.locator("a[data-nav]")).to_have_text("A better name")
    item.locator("[data-menu-button]").click()
    item.locator("[data-session-delete]").click()
    named = chat.page.get_by_role("link", name="A better name")
    expect(named).to_have_count(0)
    expect(chat.page.locator(".empty")).to_be_visible()
    chat.page.get_by_role("button", name="Undo").click()
    expect(chat.question).to_contain_text("to be deleted")
    item.locator("[data-menu-button]").click()
    item.locator("[data-session-delete]").click()
    chat.open()  # what may still be had back is deleted as the page goes
    chat.page.reload()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "connected")
    expect(named).to_have_count(0)


def test_enter_that_composes_and_shift_enter_do_not_send(chat: Chat) -> None:
    field = chat.page.get_by_label("Message", exact=True)
    field.fill("你好")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    field.press("Shift+Enter")
    expect(field).to_have_value("你好\n")
    expect(chat.page.locator(".message")).to_have_count(0)


def test_reading_above_is_left_in_peace(chat: Chat, provider: ThreadedProvider) -> None:
    provider.play(pieces=[f"line {n}\n\n" for n in range(400)], rate=60.0)
    chat.choose(MODEL).send("many lines")
    expect(chat.answer).to_contain_text("line 40")
    chat.page.mouse.move(700, 300)
    chat.page.mouse.wheel(0, -4000)
    jump = chat.page.locator("[data-scroll-jump]")
    expect(jump).to_be_visible()
    expect(chat.answer).to_contain_text("line 80")
    assert chat.page.locator(".scroll").evaluate("e => e.scrollHeight - e.clientHeight - e.scrollTop") > 200
    jump.click()
    expect(jump).to_be_hidden()
    chat.stop_button.click()
    chat.ended("cancelled")
