"""Chunks of an HTTP/1.1 answer, joined: of each read one chunk is made, however many arrived.

Servers write one chunk per token, and the parser behind this takes as long for each as for a large one. What
is not exactly as expected is passed on as it came, for the parser to judge. Pure of I/O.
"""

import re
from typing import Final

MOST_HEAD: Final = 128 * 1024  # bytes; the parser gives up at 100 KiB
LINE_END: Final = b"\r\n"
NO_LINE_END: Final = b"\0"  # no parser takes it where a chunk begins
_END_OF_HEAD: Final = re.compile(rb"\n\r?\n")
_INTERIM: Final = re.compile(rb"HTTP/1\.[01] 1(?!01)\d\d")
_CHUNKED: Final = re.compile(rb"\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n", re.I)
_SIZE: Final = re.compile(rb"([0-9a-fA-F]{1,15})\r\n")
_BEGUN_SIZE: Final = re.compile(rb"[0-9a-fA-F]{0,15}\r?\Z")


class ChunkJoiner:
    """Of one connection: `begin` with each request, `feed` what is read, hand on what that gives."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._take = self._head
        self._kept = b""  # of a head what was handed on already, of a body what was not
        self._left = 0  # bytes of the chunk that has begun
        self._in_chunk = False  # until the line end after its bytes

    def feed(self, data: bytes) -> bytes:
        """May be empty though something came. `data` is empty at the end of the connection: then this gives
        what was kept."""
        if data:
            return self._take(data)
        kept, self._kept = self._kept, b""
        return kept if self._take == self._body else b""

    def _as_it_came(self, data: bytes) -> bytes:
        return data

    def _head(self, data: bytes) -> bytes:
        self._kept += data
        while end := _END_OF_HEAD.search(self._kept):
            head, self._kept = self._kept[: end.end()], self._kept[end.end() :]
            if _INTERIM.match(head):
                continue
            self._take = self._body if _CHUNKED.search(head) else self._as_it_came
            body, self._kept = self._kept, b""
            return data[: len(data) - len(body)] + self._take(body)
        if len(self._kept) > MOST_HEAD:
            self._take = self._as_it_came
        return data

    def _body(self, data: bytes) -> bytes:
        data, self._kept = self._kept + data, b""
        pieces: list[bytes] = []
        at = self._read(data, pieces)
        joined = b"".join(pieces)
        chunk = b"%x\r\n%b\r\n" % (len(joined), joined) if joined else b""
        if self._take == self._body:
            self._kept = data[at:]
            return chunk
        return chunk + (NO_LINE_END if self._in_chunk else b"") + data[at:]

    def _read(self, data: bytes, pieces: list[bytes]) -> int:
        """How far it is read: to what is not whole yet, or to what is not joined any more."""
        at = 0
        while True:
            if self._in_chunk:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if len(data) - at < len(LINE_END):
                    return at
                if not data.startswith(LINE_END, at):
                    return self._end(at)
                at += len(LINE_END)
                self._in_chunk = False
            size = _SIZE.match(data, at)
            if size is None:
                return at if _BEGUN_SIZE.match(data, at) else self._end(at)
            self._left = int(size[1], 16)
            if not self._left:
                return self._end(at)
            at, self._in_chunk = size.end(), True

    def _end(self, at: int) -> int:
        self._take = self._as_it_came
        return at
