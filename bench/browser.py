"""`python -m bench.browser`: what the page costs in Chromium, against a server that runs for it.

A session of 5,000 messages is opened, once with nothing in the browser's cache, and scrolled; then an answer
of 100 tokens a second is watched in it while somebody types, and four of them side by side. Frames and long
tasks (above 50 ms, https://www.w3.org/TR/longtasks-1/) are as the browser reports them.
"""

import argparse
import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from playwright.sync_api import Page, ViewportSize, sync_playwright

from bench import children
from bench.figures import Figures, percentile

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
STEPS: Final = 300  # frames of scrolling
STEP: Final = 120  # pixels a frame, as a quick wheel does
MESSAGE: Final = ".messages > .message"
RUNNING: Final = '.message:is([data-status="queued"], [data-status="running"])'

# Watches from the first moment of the document on. Tasks and inputs last milliseconds.
WATCH: Final = """
globalThis.seen = {first: 0, tasks: [], inputs: [], frames: []}
const noted = name => new PerformanceObserver(list =>
  seen[name].push(...list.getEntries().map(({duration}) => duration)))
noted("tasks").observe({type: "longtask"})
noted("inputs").observe({type: "event", durationThreshold: 16})
const watcher = new MutationObserver(() => {
  if (seen.first || !document.querySelector(".messages > .message")) return
  seen.first = performance.now()
  watcher.disconnect()
})
watcher.observe(document, {childList: true, subtree: true})
let last = 0
const frame = now => { if (last) seen.frames.push(now - last); last = now; requestAnimationFrame(frame) }
requestAnimationFrame(frame)
"""
LOADED: Final = """(() => {
  const files = performance.getEntriesByType("resource").filter(({name}) => name.includes("/static/"))
  const size = files.reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)
  return {files: files.length, file_kib: size / 1024}
})()"""
FORGET: Final = "Object.assign(seen, {tasks: [], inputs: [], frames: []})"
SCROLL: Final = """([steps, step]) => new Promise(done => {
  const place = document.querySelector(".scroll")
  const turn = left => {
    place.scrollTop -= step
    if (left) requestAnimationFrame(() => turn(left - 1))
    else done()
  }
  turn(steps)
})"""


def measure(port: int, folder: Path, page: Page) -> Figures:
    _sign_in(page)
    (session_id,) = children.new_sessions(port, 1)
    children.fill(folder, session_id, MESSAGES)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    first = {**_open(page, session_id), **page.evaluate(LOADED)}
    opened = _open(page, session_id)
    page.evaluate(SCROLL, [STEPS, STEP])
    scrolled = _seen(page)
    _open(page, session_id)
    streamed = _watch(page, port, session_id, {"model": MODEL})
    beside = _watch(page, port, session_id, {"targets": [{"model": MODEL}] * LANES})
    return {"first": first, "open": opened, "scroll": scrolled, "stream": streamed, "beside": beside}


def _watch(page: Page, port: int, session_id: str, asked: dict[str, Any]) -> Figures:
    """The answer to a message, or the answers, while somebody types."""
    _ask(port, session_id, asked)
    page.wait_for_selector(RUNNING)
    page.evaluate(FORGET)
    page.locator("[data-composer-input]").press_sequentially(WRITTEN, delay=60)
    page.wait_for_function(f"() => !document.querySelector({json.dumps(RUNNING)})")
    return _seen(page)


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
    return {"first_message_ms": page.evaluate("seen.first"), **_seen(page)}


def _ask(port: int, session_id: str, asked: dict[str, Any]) -> None:
    options = {"rate": RATE, "tokens": TOKENS}
    body = {"client_id": str(uuid4()), "text": "Go on", "options": options, **asked}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/sessions/{session_id}/messages/",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {children.KEY}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=60).close()


def _seen(page: Page) -> Figures:
    """What was seen since the last time."""
    seen = page.evaluate("seen")
    page.evaluate(FORGET)
    frames = seen["frames"]
    return {
        "frames": len(frames),
        "frame_p50_ms": percentile(frames, 0.5),
        "frame_p99_ms": percentile(frames, 0.99),
        "frame_max_ms": max(frames, default=0.0),
        "long_tasks": len(seen["tasks"]),
        "longest_task_ms": max(seen["tasks"], default=0.0),
        "input_max_ms": max(seen["inputs"], default=0.0),
    }


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
        context.add_init_script(WATCH)
        figures = measure(port, folder, context.new_page())
    for name, found in figures.items():
        print(f"{name:8}", "  ".join(f"{key} {value:,.1f}" for key, value in found.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
