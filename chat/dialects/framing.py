"""Server-sent events as bytes, by the rules that every known client can read.

One `data: {json}` line with LF ends, and none of the three characters that some line readers take for the end
of a line (U+2028, U+2029, U+0085).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

EVENT_STREAM: Final = "text/event-stream"
STREAM_HEADERS: Final[Mapping[str, str]] = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
COMMENT: Final = b": ping\n\n"
DONE: Final = b"data: [DONE]\n\n"
_LINE_ENDS: Final = (
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
    ("\x85".encode(), b"\\u0085"),
)

to_json = msgspec.json.Encoder().encode


def data(value: Any) -> bytes:
    return data_line(to_json(value))


def named(name: str, value: Any) -> bytes:
    return b"event: %b\n%b" % (name.encode(), data(value))


def data_line(json: bytes) -> bytes:
    """A frame of JSON text that is written already."""
    return b"data: %b\n\n" % one_line(json)


def one_line(json: bytes) -> bytes:
    for character, escape in _LINE_ENDS:
        if character in json:
            json = json.replace(character, escape)
    return json


def arguments_value(text: str) -> Any:
    """A tool call's arguments as the JSON object that they should be; empty where they are something else."""
    try:
        value = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}
