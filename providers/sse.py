"""Server-sent events from bytes, however these are cut: the one splitter that all adapters read with.

It follows the WHATWG's rules for `text/event-stream`; it neither decodes characters nor reads JSON.
"""

from typing import Final, NamedTuple

from providers.errors import StreamBroken

MAX_EVENT: Final = 16 * 1024 * 1024  # bytes; no vendor sends an event near that, a broken one may
_MARK: Final = b"\xef\xbb\xbf"


class SseEvent(NamedTuple):
    name: bytes
    data: bytes


class SseDecoder:
    """`feed` bytes, get the events that they complete. An event without its blank line is never given out.
    Raises StreamBroken when one event exceeds `max_event` bytes."""

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._max_event = max_event
        self._head: bytes | None = b""  # what may still turn out to be a byte order mark
        self._after_cr = False
        self._unread: list[bytes] = []  # pieces of the event whose end has not come
        self._unread_size = 0

    def feed(self, chunk: bytes) -> list[SseEvent]:
        chunk = self._with_line_feeds(self._without_mark(chunk))
        if not chunk:
            return []
        seam = self._unread[-1][-1:] + chunk[:1] if self._unread else b""
        if b"\n\n" in chunk or seam == b"\n\n":
            *blocks, chunk = b"".join((*self._unread, chunk)).split(b"\n\n")
            self._unread, self._unread_size = [], 0
        else:
            blocks = []
        self._keep(chunk)
        return [event for event in map(_event, blocks) if event]

    def _without_mark(self, chunk: bytes) -> bytes:
        if self._head is None:
            return chunk
        start = self._head + chunk
        if len(start) < len(_MARK) and _MARK.startswith(start):
            self._head = start
            return b""
        self._head = None
        return start.removeprefix(_MARK)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """CRLF and CR as LF. A CR at the end of a chunk ends its line at once; an LF after it is its twin."""
        if self._after_cr and chunk:
            chunk, self._after_cr = chunk.removeprefix(b"\n"), False
        if b"\r" not in chunk:
            return chunk
        self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _keep(self, chunk: bytes) -> None:
        if chunk:
            self._unread.append(chunk)
            self._unread_size += len(chunk)
        if self._unread_size > self._max_event:
            raise StreamBroken(detail=f"an event of more than {self._max_event} bytes")


def _event(block: bytes) -> SseEvent | None:
    if block.startswith(b"data: ") and b"\n" not in block:  # nearly all of them
        return SseEvent(b"", block[6:])
    name, data = b"", []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return SseEvent(name, b"\n".join(data)) if data else None
