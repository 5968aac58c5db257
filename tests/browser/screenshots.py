"""Pictures of every screen: python -m tests.browser.screenshots [WORD …]

Starts a server with something in each room and takes each screen at phone and desktop width, light and dark,
in English and Chinese, as an owner, a member and a guest, into build/screenshots/. A WORD like `phone` picks
the looks that have it; any other the screens whose names hold it.
"""

import itertools
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, ThreadedProvider, started
from tests.browser.house import House, first_run, furnish
from tests.browser.screens import ADMIN, FIRST_RUN, SCREENS, Screen

FOLDER: Final = Path(__file__).resolve().parents[2] / "build" / "screenshots"
WIDTHS: Final = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
COLOURS: Final = ("light", "dark")
LANGUAGES: Final = {"en": "en", "zh": "zh-hans"}


def main(words: list[str]) -> None:
    looks = list(itertools.product(WIDTHS, COLOURS, LANGUAGES))
    wanted = {word for word in words if any(word in look for look in looks)}
    names = set(words) - wanted
    screens = [
        one for one in FIRST_RUN + SCREENS + ADMIN if not names or any(name in one.name for name in names)
    ]
    provider = ThreadedProvider()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        server = started(Path(folder), provider)
        house = furnish(browser, server, provider)
        newborn = first_run(Path(folder) / "first")
        house.places["first-run"] = newborn.setup_link()
        for look in looks:
            if wanted <= set(look):
                _take(browser, house, screens, look)
        browser.close()
        newborn.stop()
        server.stop()
    provider.stop()


def _take(browser: Browser, house: House, screens: list[Screen], look: tuple[str, str, str]) -> None:
    width, colours, language = look
    folder = FOLDER / "-".join(look)
    folder.mkdir(parents=True, exist_ok=True)
    for who in {screen.who for screen in screens}:
        context = house.context(
            browser, who, viewport=WIDTHS[width], color_scheme=colours, reduced_motion="reduce"
        )
        _speak(context, house, LANGUAGES[language])
        for screen in (one for one in screens if one.who == who):
            page = context.new_page()
            screen.show(page, house)
            whole = not page.locator("body.app").count()  # the chat is as high as the window
            page.screenshot(path=folder / f"{screen.name}-{who}.png", full_page=whole)
            page.close()
        context.close()


def _speak(context: BrowserContext, house: House, language: str) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": house.server.url}])


if __name__ == "__main__":
    main(sys.argv[1:])
