"""`python -m bench.browser`: what the page costs in Chromium, against a server that runs for it.

A session of 5,000 messages is opened, once with nothing in the browser's cache, and scrolled; then an answer
of 100 tokens a second is watched in it while somebody types, and four of them side by side, and one comes in
a tab that nobody looks at. At last the list of a reader with 2,000 sessions (bench/sidebar.py).
"""

import argparse
import json
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from playwright.sync_api import Page, ViewportSize, sync_playwright

from bench import children, sidebar, watching
from bench.figures import Figures

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZE: Final[ViewportSize] = {"width": 1280, "height": 800}
PATIENCE: Final = 120_000  # ms until the measurement gives up
MESSAGES: Final = 5000
RATE: Final = 100  # tokens a second
TOKENS: Final = 1500
LANES: Final = 4
MODEL: Final = "demo/long"
WRITTEN: Final = "What I write meanwhile is seen at once. " * 3
AWAY: Final = 10_000  # ms in which nobody looks
MESSAGE: Final = ".messages > .message"
RUNNING: Final = '.message:is([data-status="queued"], [data-status="running"])'
ANSWERED: Final = '.message[data-role="assistant"][data-status="complete"]'

LOADED: Final = """(() => {
  const files = performance.getEntriesByType("resource").filter(({name}) => name.includes("/static/"))
  const size = files.reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)
  return {files: files.length, file_kib: size / 1024}
})()"""


def measure(port: int, folder: Path, page: Page) -> Figures:
    _sign_in(page)
    (session_id,) = children.new_sessions(port, 1)
    children.fill(folder, session_id, MESSAGES)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    first = {**_open(page, session_id), **page.evaluate(LOADED)}
    opened = _open(page, session_id)
    watching.scroll(page, ".scroll", -watching.STEP)
    scrolled = watching.seen(page)
    _open(page, session_id)
    streamed = _watch(page, port, session_id, {"model": MODEL})
    beside = _watch(page, port, session_id, {"targets": [{"model": MODEL}] * LANES})
    return {
        "first": first,
        "open": opened,
        "scroll": scrolled,
        "stream": streamed,
        "beside": beside,
        "away": _look_away(page, port),
        **sidebar.measure(port, folder, page, session_id),
    }


def _watch(page: Page, port: int, session_id: str, asked: dict[str, Any]) -> Figures:
    """The answer to a message, or the answers, while somebody types."""
    _ask(port, session_id, asked)
    page.wait_for_selector(RUNNING)
    watching.forget(page)
    page.locator("[data-composer-input]").press_sequentially(WRITTEN, delay=60)
    page.wait_for_function(f"() => !document.querySelector({json.dumps(RUNNING)})")
    return watching.seen(page)


def _look_away(page: Page, port: int) -> Figures:
    """From most of an answer, and back. Raises AssertionError where the text is not what the server has."""
    (session_id,) = children.new_sessions(port, 1)
    page.goto(f"/s/{session_id}")
    _ask(port, session_id, {"model": MODEL})
    page.wait_for_selector(RUNNING)
    page.evaluate("goAway(true)")
    page.wait_for_timeout(AWAY)
    watching.forget(page)
    back = {"back_ms": watching.back(page), **watching.seen(page)}
    page.wait_for_selector(ANSWERED)
    kept = children.call(port, "GET", f"/api/sessions/{session_id}/messages/")["results"][-1]["text"]
    assert page.locator(f"{ANSWERED} [data-message-parts]").inner_text().split() == kept.split()
    return back


def _sign_in(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(children.OWNER)
    page.get_by_label("Password").fill(children.KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-composer-input]")


def _open(page: Page, session_id: str) -> Figures:
    page.goto(f"/s/{session_id}")
    page.wait_for_selector(MESSAGE)
    page.wait_for_load_state("networkidle")
    return {"first_message_ms": watching.first(page, MESSAGE), **watching.seen(page)}


def _ask(port: int, session_id: str, asked: dict[str, Any]) -> None:
    options = {"rate": RATE, "tokens": TOKENS}
    body = {"client_id": str(uuid4()), "text": "Go on", "options": options, **asked}
    children.call(port, "POST", f"/api/sessions/{session_id}/messages/", body)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        upstream = stack.enter_context(children.provider())
        _, port, folder = stack.enter_context(children.parley(upstream, "daphne", "embedded"))
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS))
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport=SIZE)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(watching.AWAY + watching.WATCH)
        figures = measure(port, folder, context.new_page())
    print("load of the machine", *(f"{load:.1f}" for load in os.getloadavg()))
    for name, found in figures.items():
        print(f"{name:11}", "  ".join(f"{key} {value:,.1f}" for key, value in found.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
