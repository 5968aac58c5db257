"""Facts that the docs repeat are the facts of the code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'env\.\w+\("([A-Z_]+)"|EnvironmentProvider\([^)]*?"([A-Z_]+_API_KEY)"', re.S)


def read_code() -> str:
    files = [path for room in ("project", "providers") for path in (ROOT / room).rglob("*.py")]
    return "".join(path.read_text() for path in files)


def test_every_variable_that_is_read_is_in_the_configuration_page() -> None:
    code = read_code()
    page = (ROOT / "docs/configuration.md").read_text()
    named = {name for pair in READ.findall(code) for name in pair if name}
    assert len(named) > 15
    assert not {name for name in named if f"`{name}`" not in page}


def test_every_variable_in_the_configuration_page_is_read() -> None:
    code = read_code()
    page = (ROOT / "docs/configuration.md").read_text()
    rows = re.findall(r"^\| (`.+?) \|", page, re.M)
    listed = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert not {name for name in listed if f'"{name}"' not in code}


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    lost = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not lost
