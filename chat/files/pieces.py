"""The bytes of messages that come in pieces: one file per part below PARLEY_DATA/uploads/drafts.

Knows paths and bytes, no rows and no rights.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat.errors import Gone
from chat.files.store import room_needed

PIECE: Final = 256 * 1024  # bytes read at once
_OPEN: Final = os.O_WRONLY | os.O_CREAT


class PiecesLost(Gone):
    """E.g. because web processes on two machines have no disk in common."""

    code = "draft_lost"
    message = _("What came of this message is not here any more. Begin it again.")


def write(draft_id: UUID, part: int, offset: int, data: bytes) -> None:
    """At its place: the same piece again changes nothing. Raises NoSpace and PiecesLost."""
    path = _path_of(draft_id, part)
    with room_needed():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, _OPEN, 0o600), "wb") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise PiecesLost
            file.seek(offset)
            file.write(data)


def read(draft_id: UUID, part: int, size: int) -> Iterator[bytes]:
    """The first `size` bytes: what lies behind them was written by an append that did not count. Raises
    PiecesLost."""
    path = _path_of(draft_id, part)
    if not path.exists() or path.stat().st_size < size:
        raise PiecesLost
    with path.open("rb") as file:
        while size and (piece := file.read(min(PIECE, size))):
            size -= len(piece)
            yield piece


def discard(draft_id: UUID) -> None:
    for path in _folder().glob(f"{draft_id.hex}-*"):
        path.unlink(missing_ok=True)


def kept_ids(older_than: float) -> set[UUID]:
    """Of drafts with a part that was not written to for so many seconds."""
    found: set[UUID] = set()
    for path in _folder().glob("*-*"):
        with contextlib.suppress(OSError, ValueError):
            if time.time() - path.stat().st_mtime > older_than:
                found.add(UUID(path.name.partition("-")[0]))
    return found


def _path_of(draft_id: UUID, part: int) -> Path:
    return _folder() / f"{draft_id.hex}-{part}"


def _folder() -> Path:
    return Path(settings.UPLOADS_DIR) / "drafts"
