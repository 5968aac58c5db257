"""What a file is, by its content. What the sender says counts only among kinds of text.

Only the types listed here are taken. Everything that is text, HTML and SVG included, is plain text to us: it
is never served as anything that a browser would run.
"""

import zipfile
from pathlib import Path
from typing import Final

import puremagic

from chat.errors import Invalid, Unsupported
from chat.files.names import ending_of

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF: Final = "application/pdf"
HEAD: Final = 64 * 1024  # bytes that are looked at

_BY_ENDING: Final = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg"),
    **dict.fromkeys((".mp3", ".mpga"), "audio/mpeg"),
    **dict.fromkeys((".ogg", ".oga", ".opus"), "audio/ogg"),
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".avi": "video/x-msvideo",
    ".webm": "video/webm",
    ".pdf": PDF,
}
_TEXTS: Final = {
    "md": "text/markdown",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "json": "application/json",
}
TEXT_TYPES: Final = frozenset({"text/plain", *_TEXTS.values()})
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 with its mark
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\b"))


def media_type_of(path: Path, name: str) -> str:
    """Raises Unsupported, and Invalid for a file without content."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise Invalid("The file is empty.", code="empty_file", field="file")
    found = _boxed(head) or _zipped(path, head) or _known(head) or _textual(head, name)
    if found is None:
        raise Unsupported(field="file")
    return found


def _boxed(head: bytes) -> str | None:
    """The family of MP4 (ISO 14496-12): a box `ftyp` with a brand. No table has all the brands."""
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in (b"M4A ", b"M4B ", b"F4A "):
        return "audio/mp4"
    if brand[:3] in (b"hei", b"hev", b"mif", b"msf", b"avi", b"jpx"):  # HEIC, AVIF: images that are not taken
        raise Unsupported(field="file")
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _zipped(path: Path, head: bytes) -> str | None:
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        names = set()
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return DOCX
    raise Unsupported(field="file")


def _known(head: bytes) -> str | None:
    if head.startswith(b"\x1aE\xdf\xa3"):  # EBML: WebM is the one kind of Matroska that browsers play
        return "video/webm" if b"webm" in head[:128] else None
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    media_type = _BY_ENDING.get(found[0].extension) if found else None
    if media_type == PDF and not head.startswith(
        b"%PDF-"
    ):  # readers take it later in the file: a polyglot's way
        return None
    return media_type


def _textual(head: bytes, name: str) -> str | None:
    if not _is_text(head):
        return None
    return _TEXTS.get(ending_of(name), "text/plain")


def _is_text(head: bytes) -> bool:
    if head.startswith(_WIDE):
        return True
    return head.translate(None, _CONTROLS) == head
