"""A text file as UTF-8, whatever it was written in."""

import codecs
from typing import IO, Final

from charset_normalizer import from_bytes

from chat.files.readers.confined import MOST_CHARACTERS, Found, Refused, confined, written

MOST_BYTES: Final = 4 * MOST_CHARACTERS  # no encoding takes more for a character
SAMPLE: Final = 256 * 1024  # bytes that the encoding is guessed from
WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(source: IO[bytes], out: IO[bytes]) -> Found:
    raw = source.read(MOST_BYTES)
    found = written([_decoded(raw, whole=not source.read(1))], out)
    if not found["characters"]:
        raise Refused("unreadable")
    return found


def _decoded(raw: bytes, whole: bool) -> str:
    if raw.startswith(WIDE):
        return raw.decode("utf-16", "replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(raw, final=whole)
    except UnicodeDecodeError:
        guess = from_bytes(raw[:SAMPLE]).best()
    if guess is None:
        raise Refused("unreadable")
    return raw.decode(guess.encoding, "replace")


if __name__ == "__main__":
    confined(read)
