"""What was said and not taken: over a server that is away, closed windows, a refusal, and who signs out."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider, sign_in
from tests.browser.test_files import REPORT
from tests.server import ParleyServer

MODEL = "openai/gpt-4o-mini"
KEPT = "Object.keys(localStorage).filter((key) => /(outbox|queue|draft):/.test(key))"

# What was said is there once, in its order, with one answer and one run for each.
ROWS = """
from chat.models import Message, Run
said = Message.objects.filter(session="{id}").order_by("id")
assert [one.text for one in said if one.role == "user"] == {texts}
assert [one.role for one in said] == ["user", "assistant"] * len({texts})
assert Run.objects.filter(session="{id}").count() == len({texts})
"""


def test_what_was_said_to_a_server_that_is_away_outlives_its_window_and_goes_once(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider, parley: ParleyServer
) -> None:
    provider.play(text="Here I am.")
    chat.choose(MODEL).send("one").ended()
    other = Chat(context.new_page()).open(chat.path)
    parley.kill()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    expect(other.page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    chat.send("two").send("three")
    for page in (chat, other):
        expect(page.question).to_have_attribute("data-status", "waiting")
        expect(page.question.locator(".plain")).to_have_text("two")
        expect(page.page.locator(".queued-text")).to_have_text("three")
    path = chat.path
    chat.page.close()
    parley.start()
    again = Chat(context.new_page()).open(path)
    for page in (again, other):
        expect(page.page.locator('.message[data-role="assistant"][data-status="complete"]')).to_have_count(3)
        expect(page.page.locator('.message[data-role="user"] .plain')).to_have_text(["one", "two", "three"])
        expect(page.page.locator(".queued")).to_have_count(0)
    _assert_rows(parley, path, ["one", "two", "three"])
    assert again.page.evaluate(KEPT) == []
    assert again.complaints == []


def test_a_chat_that_was_begun_while_the_server_is_away_begins_in_the_next_window(
    chat: Chat, context: BrowserContext, provider: ThreadedProvider, parley: ParleyServer
) -> None:
    provider.play(text="Here I am.")
    chat.choose(MODEL)
    parley.kill()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    chat.send("begin").send("go on")
    expect(chat.page.locator(".queued-text")).to_have_text("go on")
    chat.page.close()
    parley.start()
    again = Chat(context.new_page()).open("/")
    expect(again.page.locator('.message[data-role="assistant"][data-status="complete"]')).to_have_count(2)
    expect(again.page.locator('.message[data-role="user"] .plain')).to_have_text(["begin", "go on"])
    _assert_rows(parley, again.path, ["begin", "go on"])
    assert again.complaints == []


def test_what_is_refused_stays_with_its_reason_and_can_be_tried_again_changed_or_given_up(
    chat: Chat, provider: ThreadedProvider
) -> None:
    provider.play(text="Here I am.")
    chat.choose(MODEL).send("one").ended()
    with chat.page.expect_response(lambda answer: "/api/files/" in answer.url) as uploaded:
        chat.page.locator("[data-attachments-input]").set_input_files(REPORT)
    expect(chat.page.locator(".attachment")).to_have_count(1)
    expect(chat.page.locator(".attachment.waiting")).to_have_count(0)
    _delete(chat, f"/api/files/{uploaded.value.json()['id']}/")
    chat.send("two")
    chat.page.reload()
    expect(chat.question).to_have_attribute("data-status", "refused")
    expect(chat.question.locator("[data-message-state]")).to_contain_text("Not sent.")
    chat.question.get_by_role("button", name="Try again").click()
    expect(chat.question).to_have_attribute("data-status", "refused")
    chat.question.get_by_role("button", name="Edit").click()
    expect(chat.page.locator("[data-composer-input]")).to_have_value("two")
    expect(chat.page.locator('.message[data-role="user"]')).to_have_count(1)
    chat.page.keyboard.press("Enter")
    chat.question.get_by_role("button", name="Discard").click()
    expect(chat.page.locator('.message[data-role="user"]')).to_have_count(1)
    assert chat.page.evaluate(KEPT) == []


def test_who_signs_out_leaves_nothing_that_was_written_here(stranger: Page, parley: ParleyServer) -> None:
    sign_in(stranger, parley)
    chat = Chat(stranger)
    chat.connected()
    chat.choose("demo/chat").send("one").ended()
    stranger.locator("[data-composer-input]").fill("half a sentence")
    assert stranger.evaluate(KEPT) != []
    stranger.locator(".user-button").click()
    stranger.get_by_role("button", name="Sign out").click()
    stranger.wait_for_url("**/login/**")
    assert stranger.evaluate(KEPT) == []


def _assert_rows(parley: ParleyServer, path: str, texts: list[str]) -> None:
    parley.manage("shell", "-v0", "-c", ROWS.format(id=path.removeprefix("/s/"), texts=texts))


def _delete(chat: Chat, path: str) -> None:
    token = next(one["value"] for one in chat.page.context.cookies() if one["name"] == "csrftoken")
    answer = chat.page.request.delete(path, headers={"X-CSRFToken": token})
    assert answer.ok
