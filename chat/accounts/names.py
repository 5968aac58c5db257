"""What people may be called by others. Pure."""

import unicodedata
from typing import Final

from chat.errors import Invalid

LONGEST: Final = 60  # characters: what a line of the sidebar or of a dialog shows
# Control and format signs, which turn the text around them or hide in it; halves of characters; line ends.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")  # within emoji, and in the spelling of some languages
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters by their category, drawn as nothing


def display_name(said: str) -> str:
    """Composed, with single spaces. Raises Invalid."""
    name = unicodedata.normalize("NFC", said).strip()
    if any(map(_is_refused, name)) or (name and not _is_seen(name)):
        raise Invalid("A name is made of signs that can be seen.", code="name_unseen", field="name")
    return " ".join(name.split())


def looks_like(name: str) -> str:
    """The same for names that are drawn alike but for their case and width."""
    plain = "".join(sign for sign in name if sign not in _JOINERS)
    return unicodedata.normalize("NFKC", plain).casefold()


def _is_refused(sign: str) -> bool:
    return sign in _BLANKS or (unicodedata.category(sign) in _UNSEEN and sign not in _JOINERS)


def _is_seen(name: str) -> bool:
    return any(unicodedata.category(sign)[0] in "LNPS" for sign in name)
