"""What a file is called: the last part of whatever path was sent, without what misleads or breaks a line."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 150  # characters; most file systems take 255 bytes
_UNFIT: Final = re.compile(r'[<>:"|?*]')


def cleaned_name(sent: str) -> str:
    """Never empty, never a path, no control characters, no signs that turn the reading direction."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", sent))[-1]
    shown = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    shown = " ".join(_UNFIT.sub("_", shown).split()).strip(". ")
    return _shortened(shown) or "file"


def ending_of(name: str) -> str:
    """`report.PDF` → `pdf`; empty where there is none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    ending = ending_of(name)[:10]
    return f"{name[: LONGEST - len(ending) - 1].rstrip()}.{ending}" if ending else name[:LONGEST]
