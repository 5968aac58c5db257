"""The list of a reader with 2,000 chats: a first page, all of it by scrolling, another title."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from bench import children, watching
from bench.figures import Figures

SESSIONS: Final = 2000
LIST: Final = ".sessions"
SESSION: Final = ".session"
COUNT: Final = f"document.querySelectorAll('{SESSION}').length"
NODES: Final = "document.querySelectorAll('.sidebar *').length"
# One step down each frame, until all are there.
ALL: Final = f"""count => {{
  document.querySelector("{LIST}").scrollTop += 400
  return {COUNT} >= count
}}"""


class Asked:
    """What the page asked of the API, and how much came."""

    def __init__(self, page: Page) -> None:
        self._answers: list[Response] = []
        page.on("response", self._note)

    def take(self) -> Figures:
        answers, self._answers = self._answers, []
        return {"asked": len(answers), "asked_kib": sum(len(answer.body()) for answer in answers) / 1024}

    def _note(self, answer: Response) -> None:
        if urlsplit(answer.url).path.startswith("/api/"):
            self._answers.append(answer)


def measure(port: int, folder: Path, page: Page, session_id: str) -> Figures:
    """`session_id` is the oldest session."""
    children.fill_list(folder, SESSIONS)
    asked = Asked(page)
    opened = _open(page) | asked.take()
    page.wait_for_function(ALL, arg=SESSIONS)
    loaded = _shown(page) | asked.take()
    watching.scroll(page, LIST, -watching.STEP)
    scrolled = watching.seen(page)
    return {"list": opened, "list_all": loaded, "list_scroll": scrolled, **_changes(page, port, session_id)}


def _open(page: Page) -> Figures:
    page.goto("/")
    page.wait_for_selector(SESSION)
    page.wait_for_load_state("networkidle")
    return {"first_session_ms": watching.first(page, SESSION), **_shown(page)}


def _changes(page: Page, port: int, session_id: str) -> Figures:
    """With all of them on the page: one is opened and gets another title."""
    page.locator(f'{SESSION} a[href="/s/{session_id}"]').dispatch_event("click")
    page.wait_for_selector(f"{SESSION} [aria-current]", state="attached")
    watching.forget(page)
    children.call(port, "PATCH", f"/api/sessions/{session_id}/", {"title": "Renamed"})
    page.wait_for_selector(f'{SESSION} a[title="Renamed"]', state="attached")
    return {"list_title": watching.seen(page)}


def _shown(page: Page) -> Figures:
    found: dict[str, Any] = {"sessions": page.evaluate(COUNT), "nodes": page.evaluate(NODES)}
    return found | watching.seen(page)
