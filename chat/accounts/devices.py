"""What a browser calls itself, in two words. Pure."""

from typing import Final

# The first that fits: most call themselves by several others' names too.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """`Firefox · Linux`; of a program, its first word."""
    found = [_first(user_agent, names) for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or user_agent.partition(" ")[0][:40]


def _first(user_agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((label for mark, label in names if mark in user_agent), "")
