"""Looks into a file that came from outside, in a child process with limits (chat/files/readers).

Here it is only started, watched and believed as far as its one line goes.
"""

import json
import logging
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings

from chat.errors import Invalid, NoSpace, Unavailable
from chat.files.sniffing import DOCX, PDF, TEXT_TYPES
from chat.files.store import Incoming, room_needed, too_large

logger = logging.getLogger(__name__)

WALL_SECONDS: Final = 45  # the child's own limit is 20 s of the CPU, which may have other work
AT_ONCE: Final = threading.BoundedSemaphore(2)  # children of this process
PATIENCE: Final = 60  # seconds in the queue for one
_TOLD: Final = 4096  # last bytes of what it said

REFUSALS: Final = {
    "too_many_pixels": "The image has too many pixels.",
    "too_complex": "The file is too complex to be read.",
    "encrypted": "The document is protected by a password.",
    "unreadable": "The file is damaged, or is not what it claims to be.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found. `is_replaced`: the result is the file to keep; `has_text`: the result is its text."""

    is_replaced: bool = False
    has_text: bool = False
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration: float | None = None


def inspect(path: Path, media_type: str, result: Incoming) -> Inspection:
    """Fills `result`. Raises Invalid for what cannot be read, with the reason's code."""
    reader = _reader_for(media_type)
    if reader is None:
        return Inspection()
    found = looked_into(reader, path, media_type, result)
    result.size = result.path.stat().st_size
    if reader == "image" and result.size > settings.FILE_MAX_BYTES:
        raise too_large()
    return Inspection(
        is_replaced=reader == "image",
        has_text=bool(found.get("characters")),
        **{name: found.get(name) for name in ("width", "height", "pages", "duration")},
    )


def looked_into(reader: str, path: Path, media_type: str, result: Incoming) -> dict[str, Any]:
    """What that reader found; it fills `result`. Raises Invalid, NoSpace and Unavailable."""
    found = _run(reader, path, media_type, result.path)
    reason = found.get("refused")
    if reason == "no_space":
        raise NoSpace
    if reason:
        logger.info("files: a %s was refused: %s %s", media_type, reason, found.get("detail", ""))
        raise Invalid(REFUSALS[reason], code=f"file_{reason}", field="file")
    return found


def _reader_for(media_type: str) -> str | None:
    if media_type in TEXT_TYPES:
        return "text"
    if media_type.startswith("image/"):
        return "image"
    return {PDF: "pdf", DOCX: "word", "audio/wav": "sound"}.get(media_type)


def _run(reader: str, source: Path, media_type: str, result: Path) -> dict[str, Any]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Unavailable
    try:
        with (
            room_needed(),
            source.open("rb") as read,
            result.open("wb") as out,
            tempfile.TemporaryFile() as told,
        ):
            ended = _child(reader, media_type, read, out, told)
            return _told(told) if ended else {"refused": "too_complex"}
    finally:
        AT_ONCE.release()


def _child(reader: str, media_type: str, read: IO[bytes], out: IO[bytes], told: IO[bytes]) -> bool:
    """Whether it came to its own end. It knows nothing of this process's environment and its secrets."""
    command = [sys.executable, "-s", "-m", f"chat.files.readers.{reader}", media_type]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            stdin=read,
            stdout=out,
            stderr=told,
            env={},
            cwd=settings.BASE_DIR,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _told(told: IO[bytes]) -> dict[str, Any]:
    told.seek(max(0, told.seek(0, 2) - _TOLD))
    lines = told.read().decode("utf-8", "replace").strip().splitlines()
    try:
        found = json.loads(lines[-1])
    except (ValueError, IndexError):
        found = None
    return found if isinstance(found, dict) else {"refused": "unreadable"}
