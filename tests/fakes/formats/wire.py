"""What all formats are written with."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wire:
    """`head` and `tail` are written in one piece each, `pieces` at the script's rate; `error` is how the
    format tells of a failure in mid-stream."""

    head: bytes
    pieces: list[bytes]
    tail: bytes
    error: bytes = b""


def encoded(value: Any) -> bytes:
    """Raw UTF-8, so that cuts can fall inside a character; a lone surrogate is written as an escape."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def data(value: Any) -> bytes:
    return b"data: " + encoded(value) + b"\n\n"


def event(name: str, **fields: Any) -> bytes:
    """A named event, whose data repeats the name as its type."""
    return f"event: {name}\n".encode() + data({"type": name, **fields})


def fragments(text: str, size: int) -> list[str]:
    """The text in pieces of `size` characters; in one where that is 0."""
    size = size or len(text) or 1
    return [text[i : i + size] for i in range(0, len(text), size)]


RAW_WORDS = "raw upstream words"
