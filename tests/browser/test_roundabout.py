"""The page where something on the way stops WebSockets, or holds streams back."""

from playwright.sync_api import Route, expect

from tests.browser.chat import Chat
from tests.browser.conftest import ThreadedProvider
from tests.browser.texts import long_answer

NO_WEBSOCKET = """
  globalThis.WebSocket = class {
    constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 20) }
    send() {}
    close() {}
  }
"""


WAS_AWAY = """
  const { WebSocket } = globalThis
  globalThis.tried = 0
  globalThis.WebSocket = class {
    constructor(...given) {
      if (++globalThis.tried > 2) return new WebSocket(...given)
      setTimeout(() => this.onclose?.({ code: 1006 }), 20)
    }
    send() {}
    close() {}
  }
"""


def _without_websocket(chat: Chat, state: str) -> None:
    chat.page.add_init_script(NO_WEBSOCKET)
    chat.page.reload()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", state)


def test_an_answer_streams_without_a_websocket(chat: Chat, provider: ThreadedProvider) -> None:
    pieces = long_answer(1500)  # still going on when the page was loaded again, on a busy machine too
    provider.play(pieces=pieces, rate=100.0)
    _without_websocket(chat, "roundabout")
    chat.choose("openai/gpt-4o-mini").send("over HTTP, please")
    expect(chat.answer).to_contain_text("第")
    chat.page.reload()
    expect(chat.answer).to_have_attribute("data-status", "running")
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)
    expect(chat.page.locator('.message[data-role="user"]')).to_have_count(1)


def test_stop_works_without_a_websocket(chat: Chat, provider: ThreadedProvider) -> None:
    provider.play(pieces=[f"piece-{n} " for n in range(3000)], rate=60.0)
    _without_websocket(chat, "roundabout")
    chat.choose("openai/gpt-4o-mini").send("stop me")
    expect(chat.answer).to_contain_text("piece-9 ")
    chat.stop_button.click()
    chat.ended("cancelled")


def test_where_a_proxy_holds_streams_back_the_page_says_so_and_reads_on(
    chat: Chat, provider: ThreadedProvider
) -> None:
    pieces = long_answer(400)
    provider.play(pieces=pieces, rate=100.0)

    def held_back(route: Route) -> None:
        if "text/event-stream" not in route.request.headers["accept"]:
            route.continue_()

    chat.page.route("**/feed/**", held_back)
    _without_websocket(chat, "roundabout")
    chat.choose("openai/gpt-4o-mini").send("in pieces, then")
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "pages")
    expect(chat.page.locator(".connection")).to_contain_text("proxy")
    chat.ended()
    assert chat.copied(chat.answer) == "".join(pieces)


def test_a_server_that_was_away_is_not_taken_for_a_network_that_stops_websockets(chat: Chat) -> None:
    """Over HTTP it is found back first; then a WebSocket gets through."""
    chat.page.add_init_script(WAS_AWAY)
    chat.page.reload()
    chat.page.wait_for_function("() => globalThis.tried >= 4")  # beside the line over HTTP, and instead of it
    chat.choose("demo/fast").send("You are back").ended()
    expect(chat.page.locator(".connection")).to_have_attribute("data-state", "connected")
    assert chat.page.evaluate("() => globalThis.tried") == 4
