"""axe-core finds nothing serious on any page of ours, in both colours, at both widths."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import ThreadedProvider
from tests.browser.house import House, furnish
from tests.browser.screens import ADMIN, SCREENS
from tests.server import ParleyServer

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 360, "height": 740}}
ROOMS = {
    "owner": [screen for screen in SCREENS if screen.who == "owner"],
    "member": [screen for screen in SCREENS if screen.who == "member"],
    "guest": [screen for screen in SCREENS if screen.who == "guest"],
    "administration": list(ADMIN),
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECK = """rules => axe.run({runOnly: rules}).then(({violations}) => violations
  .filter(({impact}) => impact === "serious" || impact === "critical")
  .flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`))
  .filter(line => !line.includes("partially obscured")))"""  # by a menu that lies over it


@pytest.fixture(scope="module")
def house(browser: Browser, parley: ParleyServer, provider: ThreadedProvider) -> Iterator[House]:
    yield furnish(browser, parley, provider)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("room", ROOMS)
def test_axe_finds_nothing_serious(browser: Browser, house: House, room: str, width: str) -> None:
    found = []
    context = house.context(browser, ROOMS[room][0].who, viewport=WIDTHS[width], reduced_motion="reduce")
    page = context.new_page()
    for screen in ROOMS[room]:
        screen.show(page, house)
        found += [f"{screen.name} {line}" for line in _problems(page)]
    context.close()
    assert not found, "\n".join(found)


def _problems(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = []
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        found += [f"({colours}) {line}" for line in page.evaluate(CHECK, RULES)]
    return found
