"""The text and nothing else, for a terminal. A failure is said in brackets at the end."""

from collections.abc import Mapping
from typing import ClassVar

from chat.dialects.contract import Context
from chat.dialects.framing import STREAM_HEADERS
from providers import events
from providers.events import RunEvent


class PlainText:
    content_type: ClassVar[str] = "text/plain; charset=utf-8"
    headers: ClassVar[Mapping[str, str]] = STREAM_HEADERS
    keep_alive: ClassVar[bytes] = b""

    def __init__(self, context: Context) -> None:
        pass

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        match event:
            case events.TextDelta():
                return event.delta.encode()
            case events.Error():
                return f"\n[{event.code}: {event.message}]\n".encode()
            case _:
                return b""
