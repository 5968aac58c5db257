"""The icons that devices ask for as PNG, drawn from the SVGs: python -m tests.browser.icons

Run it when an SVG changes; what it makes is committed, for a server draws nothing.
"""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS

IMAGES: Final = Path(__file__).resolve().parents[2] / "static" / "img"
# The maskable one has no rounded corners: the device cuts it, Apple's too.
ICONS: Final = {
    "icon-192.png": ("icon.svg", 192),
    "icon-512.png": ("icon.svg", 512),
    "icon-maskable-512.png": ("icon-maskable.svg", 512),
    "apple-touch-icon.png": ("icon-maskable.svg", 180),
}


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        for name, (drawing, size) in ICONS.items():
            _draw(page, name, drawing, size)
        browser.close()


def _draw(page: Page, name: str, drawing: str, size: int) -> None:
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body {{ margin: 0 }}</style>{(IMAGES / drawing).read_text()}")
    page.screenshot(path=IMAGES / name, omit_background=True)


if __name__ == "__main__":
    main()
