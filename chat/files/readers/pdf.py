"""The text of a PDF, page by page."""

import contextlib
from collections.abc import Iterator
from typing import IO

from pypdf import PdfReader

from chat.files.readers.confined import Found, Refused, confined, written


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    reader = PdfReader(source)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("encrypted")
    if not reader.pages:
        raise Refused("unreadable")
    return {"pages": len(reader.pages), **written(_pages(reader), out)}


def _pages(reader: PdfReader) -> Iterator[str]:
    """A page that cannot be read has no text; the others may."""
    for page in reader.pages:
        with contextlib.suppress(Exception):
            yield page.extract_text() + "\n\n"


if __name__ == "__main__":
    confined(read)
