"""The C library's heap, told how many pieces it may be in.

glibc gives every thread a heap of its own, up to eight per core, and what is freed in one is of no use to
another: processes whose threads come and go (the database's, the SDKs') grow for hours though no object is
left. https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
"""

import ctypes
import os
from contextlib import suppress
from typing import Final

ARENAS: Final = 2
_M_ARENA_MAX: Final = -8  # malloc.h
_BY_HAND: Final = "MALLOC_ARENA_MAX"  # the library's own variable, which goes before


def few_heaps() -> None:
    """For this process, from now on. Nothing where the C library knows no such thing."""
    if _BY_HAND in os.environ:
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
