"""The pace that a caller wishes for an answer which is kept: by name, or by name with settings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chat.errors import Invalid
from chat.pacing.paces import STANDARD, Settings
from chat.pacing.registry import checked_settings, is_pace, pace_names


class PaceWish(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    name: str


def checked_pace(wish: PaceWish | str) -> dict[str, Any] | None:
    """As a run keeps it: None as it comes. Raises Invalid."""
    wish = PaceWish(name=wish or STANDARD) if isinstance(wish, str) else wish
    if not is_pace(wish.name):
        known = ", ".join(pace_names())
        raise Invalid(f"There is no such pace; there are: {known}.", code="unknown_pace", field="pace")
    try:
        checked_settings(wish)
    except Invalid as error:
        raise Invalid(error.message, field=f"pace.{error.field}") from None
    kept: dict[str, Any] = msgspec.to_builtins(wish)
    return None if kept == {"name": STANDARD} else kept


def kept_pace(kept: Mapping[str, Any]) -> PaceWish:
    return msgspec.convert(kept, PaceWish)
