"""Whether this process is the only one that executes runs from this data folder.

Every such process holds a shared lock on one file for as long as it lives; the kernel lets go of it at any
death. Who gets it exclusively, for a moment at its start, is alone. Only where the database is a file of the
same folder (SQLite) does that say anything about its runs.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.db import connection

_held: list[IO[str]] = []


@contextmanager
def joining() -> Iterator[bool]:
    """Whether nobody else is there; until the end of the block nobody else comes either. Before the first run
    is taken this process is counted in, until its death."""
    if connection.vendor != "sqlite":
        yield False
        return
    lock = (settings.DATA_DIR / "runners.lock").open("w")
    _held.append(lock)
    alone = _try_alone(lock)
    try:
        yield alone
    finally:
        fcntl.flock(lock, fcntl.LOCK_SH)


def _try_alone(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
