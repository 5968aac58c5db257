"""The text of a Word document (DOCX), tables line by line. python-docx resolves no entities."""

import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final

import docx

from chat.files.readers.confined import Found, Refused, confined, written

UNPACKED: Final = 200 * 1024**2  # bytes of all parts
MOST_PARTS: Final = 10_000


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    with zipfile.ZipFile(source) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise Refused("too_complex")
    source.seek(0)
    return written(_blocks(docx.Document(source)), out)


def _blocks(document: Any) -> Iterator[str]:
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield from (" | ".join(cell.text for cell in row.cells) + "\n" for row in block.rows)
            yield "\n"
        else:
            yield block.text + "\n"


if __name__ == "__main__":
    confined(read)
