import re

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider
from tests.browser.texts import long_answer
from tests.server import ParleyServer

MODEL = "openai/gpt-4o-mini"


def test_a_reload_in_mid_answer_loses_nothing(chat: Chat, provider: ThreadedProvider) -> None:
    pieces = long_answer(600)
    provider.play(pieces=pieces, rate=150.0)
    chat.choose(MODEL).send("reload me")
    for _ in range(3):
        expect(chat.answer.locator("[data-message-parts]")).not_to_be_empty()
        chat.page.reload()
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)


def test_a_tab_that_slept_in_mid_answer_catches_up(chat: Chat, provider: ThreadedProvider) -> None:
    pieces = long_answer(600)
    provider.play(pieces=pieces, rate=150.0)
    chat.choose(MODEL).send("sleep meanwhile")
    expect(chat.answer.locator("[data-message-parts]")).not_to_be_empty()
    tab = chat.page.context.new_cdp_session(chat.page)
    tab.send("Page.setWebLifecycleState", {"state": "frozen"})
    id_ = chat.path.removeprefix("/s/")
    while id_ in chat.page.request.get("/api/sessions/?running=true").text():
        pass  # each question takes a while itself
    tab.send("Page.setWebLifecycleState", {"state": "active"})
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)


def test_a_dropped_line_comes_back_by_itself(chat: Chat, provider: ThreadedProvider) -> None:
    pieces = long_answer(600)
    provider.play(pieces=pieces, rate=150.0)
    lines: list[WebSocketRoute] = []

    def through(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    chat.page.route_web_socket(re.compile("/ws/chat/"), through)
    chat.page.reload()
    chat.connected()
    chat.choose(MODEL).send("drop me")
    expect(chat.answer).to_contain_text("第")
    for code in (1012, 4008):
        count = len(lines)
        lines[-1].close(code=code)
        while len(lines) == count:
            chat.page.wait_for_timeout(50)
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)
    assert len(lines) == 3


def test_a_message_sent_while_the_server_is_away_arrives_once(
    chat: Chat, provider: ThreadedProvider, parley: ParleyServer
) -> None:
    provider.play(text="Here I am.")
    chat.choose(MODEL)
    parley.kill()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "reconnecting")
    chat.send("is anybody there?")
    expect(chat.question).to_contain_text("is anybody there?")
    parley.start()
    chat.ended()
    expect(chat.answer).to_contain_text("Here I am.")
    expect(chat.page.locator('.message[data-role="user"]')).to_have_count(1)


def test_text_that_was_shown_survives_kill_9_and_a_new_attempt_answers(
    chat: Chat, provider: ThreadedProvider, parley: ParleyServer
) -> None:
    provider.play(pieces=[f"piece-{n} " for n in range(3000)], rate=60.0)
    chat.choose(MODEL).send("long, please")
    expect(chat.answer).to_contain_text("piece-60 ")
    parley.kill()
    shown = chat.shown(chat.answer)
    entry = chat.page.locator(".session:has([aria-current])")
    entry.hover()
    entry.get_by_role("button", name="Actions").click()
    entry.get_by_text("Pin", exact=True).click()
    expect(chat.page.locator("[data-controller=notice]")).to_be_visible()
    provider.play(text="Whole again.")
    parley.start()
    chat.ended().connected()
    assert chat.copied(chat.answer) == "Whole again."
    chat.answer.locator("[data-message-set-aside] summary").click()
    expect(chat.answer.locator("[data-message-set-aside] div")).to_contain_text(shown.strip())


def test_with_interrupt_as_policy_the_text_stays_and_regenerate_works(
    chat: Chat, provider: ThreadedProvider, parley: ParleyServer
) -> None:
    provider.play(pieces=[f"piece-{n} " for n in range(3000)], rate=60.0)
    chat.choose(MODEL).send("long, please")
    expect(chat.answer).to_contain_text("piece-60 ")
    parley.kill()
    shown = chat.shown(chat.answer)
    parley.environment["RUN_TAKEOVER"] = "interrupt"
    parley.start()
    chat.ended("interrupted")
    assert chat.copied(chat.answer).startswith(shown.strip())
    expect(chat.answer.locator("[data-message-state]")).to_be_visible()
    provider.play(text="Whole again.")
    chat.answer.locator("[data-message-retry]").click()
    expect(chat.answer).to_contain_text("Whole again.")
    chat.ended()


def test_a_second_line_in_the_same_session_does_not_double_anything(
    chat: Chat, provider: ThreadedProvider
) -> None:
    pieces = long_answer(200)
    provider.play(pieces=pieces, rate=100.0)
    chat.choose(MODEL).send("again and again")
    expect(chat.answer.locator("[data-message-parts]")).not_to_be_empty()
    for _ in range(5):
        chat.page.evaluate("window.dispatchEvent(new Event('online'))")
        chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)
