"""What a page in Chromium reports of itself: frames, long tasks, inputs, and when what one awaits was there.

Frames and long tasks (above 50 ms, https://www.w3.org/TR/longtasks-1/) are as the browser reports them.
"""

from typing import Any, Final

from playwright.sync_api import Page

from bench.figures import Figures, percentile

STEPS: Final = 300  # frames of scrolling
STEP: Final = 120  # pixels a frame, as a quick wheel does

# Watches from the first moment of the document on. Tasks and inputs last milliseconds.
WATCH: Final = """
globalThis.seen = {first: {}, tasks: [], inputs: [], frames: []}
const noted = name => new PerformanceObserver(list =>
  seen[name].push(...list.getEntries().map(({duration}) => duration)))
noted("tasks").observe({type: "longtask"})
noted("inputs").observe({type: "event", durationThreshold: 16})
const awaited = [".messages > .message", ".session"]
const watcher = new MutationObserver(() => {
  for (const name of awaited) if (document.querySelector(name)) seen.first[name] ??= performance.now()
  if (Object.keys(seen.first).length === awaited.length) watcher.disconnect()
})
watcher.observe(document, {childList: true, subtree: true})
let last = 0
const frame = now => { if (last) seen.frames.push(now - last); last = now; requestAnimationFrame(frame) }
requestAnimationFrame(frame)
"""
# A tab that nobody looks at says so and gets no frames. Playwright keeps all of its tabs in sight.
AWAY: Final = """
let away = false
const frames = [], next = requestAnimationFrame.bind(globalThis)
globalThis.requestAnimationFrame = action => away ? frames.push(action) : next(action)
Object.defineProperty(document, "hidden", {get: () => away})
Object.defineProperty(document, "visibilityState", {get: () => away ? "hidden" : "visible"})
globalThis.goAway = gone => {
  away = gone
  if (!gone) frames.splice(0).forEach(action => next(action))
  document.dispatchEvent(new Event("visibilitychange"))
}
"""
BACK: Final = """() => new Promise(done => {
  const began = performance.now()
  goAway(false)
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)))
})"""
_FORGET: Final = "Object.assign(seen, {tasks: [], inputs: [], frames: []})"
_SCROLL: Final = """([name, steps, step]) => new Promise(done => {
  const place = document.querySelector(name)
  const turn = left => {
    place.scrollTop += step
    if (left) requestAnimationFrame(() => turn(left - 1))
    else done()
  }
  turn(steps)
})"""


def forget(page: Page) -> None:
    page.evaluate(_FORGET)


def scroll(page: Page, name: str, step: int) -> None:
    page.evaluate(_SCROLL, [name, STEPS, step])


def first(page: Page, name: str) -> float:
    """When one of these was on the page, in milliseconds since it was asked for."""
    return float(page.evaluate("name => seen.first[name]", name))


def back(page: Page) -> float:
    """Look at a tab again; milliseconds until what happened meanwhile is drawn."""
    return float(page.evaluate(BACK))


def seen(page: Page) -> Figures:
    """What was seen since the last time."""
    noted: dict[str, Any] = page.evaluate("seen")
    forget(page)
    frames = noted["frames"]
    return {
        "frames": len(frames),
        "frame_p50_ms": percentile(frames, 0.5),
        "frame_p99_ms": percentile(frames, 0.99),
        "frame_max_ms": max(frames, default=0.0),
        "long_tasks": len(noted["tasks"]),
        "longest_task_ms": max(noted["tasks"], default=0.0),
        "input_max_ms": max(noted["inputs"], default=0.0),
    }
