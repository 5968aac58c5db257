"""The paces by name. Others are added with `register_pace` or the entry points `parley.paces`."""

from importlib.metadata import entry_points
from typing import Final

from chat.pacing.paces import BUILT_IN, Maker

ENTRY_POINTS: Final = "parley.paces"

_registered: dict[str, Maker] = dict(BUILT_IN)


def register_pace(name: str, maker: Maker) -> None:
    """It goes before a built-in one of the same name."""
    _registered[name] = maker


def pace_named(name: str) -> Maker | None:
    """None for a name that nobody registered."""
    found = _registered.get(name)
    return found or next((point.load() for point in entry_points(group=ENTRY_POINTS, name=name)), None)


def pace_names() -> list[str]:
    return sorted({*_registered, *(point.name for point in entry_points(group=ENTRY_POINTS))})
