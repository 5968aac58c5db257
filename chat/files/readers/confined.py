"""A process for one hostile file: `python -m chat.files.readers.KIND TYPE < file > result`.

Before anything is read it gives up the network, most of its memory and its time. What it finds out is one
line of JSON, the last that it writes to standard error. Nothing of Django is imported here.
"""

import ctypes
import errno
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import IO, Any, Final, TypeAlias

MEMORY: Final = 1024**3  # bytes of address space; the libraries take about 200 MiB of it
CPU_SECONDS: Final = 20
WRITTEN: Final = 64 * 1024**2  # bytes
READING_SECONDS: Final = 10.0  # of the CPU, then the rest of a document is left
MOST_CHARACTERS: Final = 500_000  # about 120,000 tokens; more than most models take
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000

_BY_ERRNO: Final = {errno.ENOSPC: "no_space", errno.EDQUOT: "no_space", errno.EFBIG: "too_complex"}

Found: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[IO[bytes], IO[bytes]], Found]


class Refused(Exception):  # noqa: N818 - as it is told
    """The file cannot be taken; the argument is the code of the reason."""


def confined(read: Reader) -> None:
    """Run a reader on standard input and output, and tell what it found."""
    _confine()
    try:
        found = read(sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except Refused as refused:
        found = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        found = {"refused": "too_complex"}
    except OSError as error:
        found = {"refused": _BY_ERRNO.get(error.errno or 0, "unreadable"), "detail": repr(error)[:300]}
    except Exception as error:
        found = {"refused": "unreadable", "detail": repr(error)[:300]}
    sys.stderr.write("\n" + json.dumps(found) + "\n")


def _confine() -> None:
    """Where the kernel lets nobody make a namespace the network stays; there is no address here to ask."""
    ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, WRITTEN)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)
    os.nice(5)


def _limit(what: int, most: int) -> None:
    """Or less, where this server itself may not have as much."""
    allowed = resource.getrlimit(what)[1]
    most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(what, (most, most))


def written(pieces: Iterable[str], out: IO[bytes]) -> Found:
    """Text that databases and models take, until there is enough of it or the time is over."""
    count, whole, began = 0, True, time.process_time()
    for piece in pieces:
        kept = piece.replace("\x00", "")[: MOST_CHARACTERS - count]
        count += len(kept)
        out.write(kept.encode("utf-8", "replace"))
        if count >= MOST_CHARACTERS or time.process_time() - began > READING_SECONDS:
            whole = False
            break
    return {"characters": count, "whole": whole}
