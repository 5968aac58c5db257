"""The paces by name. Others are added with `register_pace` or the entry points `parley.paces`."""

from importlib.metadata import entry_points
from typing import Final

from chat.errors import Invalid
from chat.pacing.paces import BUILT_IN, CUTS, Maker, Settings

PRIORITY: Final = "priority"  # no cut of the text but an order of the events: chat/pacing/merging.py
LONGEST: Final = 60.0  # seconds that text may be held
LARGEST: Final = 1024 * 1024  # bytes or characters that may be held
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
    return sorted({PRIORITY, *_registered, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def is_pace(name: str) -> bool:
    return name == PRIORITY or pace_named(name) is not None


def checked_settings(settings: Settings) -> Settings:
    """Raises Invalid, which names the field."""
    for field in ("buffer_size", "chunk_size"):
        if not 1 <= getattr(settings, field) <= LARGEST:
            raise Invalid(f"Sizes are 1 to {LARGEST}.", field=field)
    if not 0 < settings.flush_interval <= LONGEST:
        raise Invalid(f"The interval is up to {LONGEST:.0f} seconds.", field="flush_interval")
    if settings.chunk_by and settings.chunk_by not in CUTS:
        raise Invalid(f"Text is cut by: {', '.join(CUTS)}.", field="chunk_by")
    return settings
