"""One JSON value per line (NDJSON), from bytes however these are cut."""

from providers.errors import StreamBroken
from providers.sse import MAX_EVENT, SseEvent


class LineDecoder:
    """`feed` bytes, get the lines that they complete, without empty ones. A last line needs its end as well.
    Raises StreamBroken when one exceeds `max_line` bytes."""

    def __init__(self, max_line: int = MAX_EVENT) -> None:
        self._max_line = max_line
        self._unread: list[bytes] = []
        self._unread_size = 0

    def feed(self, chunk: bytes) -> list[SseEvent]:
        lines: list[bytes] = []
        if b"\n" in chunk:
            *lines, chunk = b"".join((*self._unread, chunk)).split(b"\n")
            self._unread, self._unread_size = [], 0
        self._unread.append(chunk)
        self._unread_size += len(chunk)
        if self._unread_size > self._max_line:
            raise StreamBroken(detail=f"a line of more than {self._max_line} bytes")
        return [SseEvent(b"", line) for line in map(bytes.strip, lines) if line]
