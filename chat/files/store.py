"""Bytes on disk below PARLEY_DATA/uploads: one file per id in two levels of folders, its text beside it.

Knows paths and bytes, no rows and no rights. What is not yet whole lies in `incoming/`.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from uuid import UUID

from django.conf import settings

from chat.errors import NoSpace, TooLarge

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
TEXT: Final = ".txt"
VOICE: Final = ".mp3"
FRAMES: Final = ".frames"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def too_large() -> TooLarge:
    return TooLarge("The file is too large.", code="file_too_large", limit=settings.FILE_MAX_BYTES)


class Incoming:
    """A file that is being written, at most `limit` bytes long. It is gone at the end of the block, unless it
    was kept. Raises TooLarge and NoSpace."""

    def __init__(self, limit: int) -> None:
        self.path = _folder() / secrets.token_hex(16)
        self.size = 0
        self._limit = limit
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        with room_needed():
            self._file: IO[bytes] = os.fdopen(os.open(self.path, _NEW, 0o600), "wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # what could not be written cannot be written now either
            self._file.close()
        self.path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise too_large()
        self._digest.update(data)
        with room_needed():
            self._file.write(data)

    def finish(self) -> str:
        """Everything was written: gives the SHA-256."""
        with room_needed():
            self._file.close()
        return self._digest.hexdigest()


class room_needed:  # noqa: N801 - reads like contextlib's own
    """Turns a full disk into NoSpace."""

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, OSError) and error.errno in FULL:
            raise NoSpace from error


def path_of(file_id: UUID) -> Path:
    """Ids begin with the time, so the folders go by their random end."""
    name = file_id.hex
    return Path(settings.UPLOADS_DIR) / name[-2:] / name[-4:-2] / name


def text_path_of(file_id: UUID) -> Path:
    return beside(file_id, TEXT)


def beside(file_id: UUID, suffix: str) -> Path:
    """What is made of a file lies where it does."""
    return path_of(file_id).with_suffix(suffix)


def keep(written: Path, place: Path) -> None:
    """Move what was written to its place."""
    with room_needed():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written.replace(place)


def share(known: UUID, other: UUID) -> None:
    """The same bytes under one more id, at no cost where the disk can do that. Raises FileNotFoundError."""
    for place in (path_of, text_path_of):
        source, target = place(known), place(other)
        if place is text_path_of and not source.exists():
            continue
        with room_needed():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _link(source, target)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def discard(file_id: UUID) -> None:
    for path in (path_of(file_id), *(beside(file_id, suffix) for suffix in (TEXT, VOICE, FRAMES))):
        path.unlink(missing_ok=True)


def kept_ids(older_than: float) -> Iterator[UUID]:
    """Of the files on disk that were written before that Unix time."""
    for path in Path(settings.UPLOADS_DIR).glob("??/??/*"):
        if not path.suffix and _age(path) < older_than and len(path.name) == 32:
            yield UUID(path.name)


def abandoned_delete(seconds: float) -> None:
    """Of uploads that a crash cut off."""
    limit = time.time() - seconds
    for path in _folder().iterdir():
        if _age(path) < limit:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _folder() -> Path:
    folder = Path(settings.UPLOADS_DIR) / "incoming"
    with room_needed():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
