"""`Range: bytes=…` of a request for a file's content (RFC 9110, section 14). Pure."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def asked_range(header: str, size: int) -> range | None:
    """The bytes that are asked for; empty where there are none of them, None where the whole is to be sent:
    nothing was asked, or what cannot be understood, or several pieces."""
    match = _ONE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    start, end = int(first), min(int(last) + 1 if last else size, size)
    if last and int(last) < start:
        return None
    return range(start, end) if start < size else range(0)
