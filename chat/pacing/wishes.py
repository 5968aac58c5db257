"""The pace that a caller wishes for an answer which is kept: by name, or by name with settings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chat.errors import Invalid
from chat.pacing.paces import BUFFER_SIZE, CHUNK_SIZE, FLUSH_INTERVAL, STANDARD, Settings
from chat.pacing.registry import checked_settings, is_pace, pace_names


class PaceWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    name: str
    buffer_size: int = BUFFER_SIZE
    flush_interval: float = FLUSH_INTERVAL
    chunk_size: int = CHUNK_SIZE
    chunk_by: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(
            buffer_size=self.buffer_size,
            flush_interval=self.flush_interval,
            chunk_size=self.chunk_size,
            chunk_by=self.chunk_by,
        )


def checked_pace(wish: PaceWish | str) -> dict[str, Any] | None:
    """As a run keeps it: None as it comes. Raises Invalid."""
    wish = PaceWish(name=wish or STANDARD) if isinstance(wish, str) else wish
    if not is_pace(wish.name):
        known = ", ".join(pace_names())
        raise Invalid(f"There is no such pace; there are: {known}.", code="unknown_pace", field="pace")
    try:
        checked_settings(wish.settings)
    except Invalid as error:
        raise Invalid(error.message, field=f"pace.{error.field}") from None
    kept: dict[str, Any] = msgspec.to_builtins(wish)
    return None if kept == {"name": STANDARD} else kept


def kept_pace(kept: Mapping[str, Any]) -> PaceWish:
    return msgspec.convert(kept, PaceWish)
