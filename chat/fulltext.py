"""Finding words in texts, alike on SQLite and PostgreSQL, and right for Chinese, which writes no spaces.

A term is found wherever it stands, also inside a longer word. What is searched is kept `folded`, so that
neither case, nor width, nor a database's own idea of letters decides. Knows no model."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import msgspec
from django.db.models import Q

MAX_QUERY: Final = 200  # characters
MAX_TERMS: Final = 8
BEFORE: Final = 40  # characters of a snippet before the first hit
SNIPPET: Final = 160  # characters of a snippet

_TERM: Final = re.compile(r'"([^"]*)"|(\S+)')
_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # scripts without spaces between words
_RUN: Final = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK: Final = re.compile(rf"[{_CJK}]")


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a snippet; `hit` is true for what was looked for."""

    text: str
    hit: bool = False


def folded(text: str) -> str:
    """As texts are compared: small letters, half width, whatever way they were written."""
    return text.lower() if text.isascii() else "".join(map(_fold, unicodedata.normalize("NFC", text)))


def terms_of(query: str) -> tuple[str, ...]:
    """What all has to be there, folded: words, and "phrases in quotes" as they are."""
    found = (phrase or word for phrase, word in _TERM.findall(folded(query[:MAX_QUERY])))
    return tuple(dict.fromkeys(filter(None, map(str.strip, found))))[:MAX_TERMS]


def holding(terms: Iterable[str], field: str = "text") -> Q:
    """Rows whose folded `field` has all the terms."""
    condition = Q()
    for term in terms:
        condition &= Q(**{f"{field}__contains": term})
    return condition


def snippet(text: str, terms: Sequence[str]) -> list[Piece]:
    """What stands around the first hit, with all hits marked; the beginning of a text that has none."""
    text = unicodedata.normalize("NFC", text)
    hits = _hits(text, terms)
    start = max(0, hits[0][0] - BEFORE) if hits else 0
    end = min(len(text), start + SNIPPET)
    pieces = [Piece("…")] if start else []
    at = start
    for begin, stop in hits:
        if begin >= end:
            break
        pieces += [Piece(text[at:begin])] * (begin > at) + [Piece(text[begin : min(stop, end)], hit=True)]
        at = min(stop, end)
    return pieces + [Piece(text[at:end] + "…" * (end < len(text)))] * (at < end)


def grams(text: str) -> frozenset[str]:
    """What a text is about: its words, and of scripts without spaces every two neighbours."""
    found: set[str] = set()
    for run in _RUN.findall(folded(text)):
        if _IS_CJK.match(run):
            found.update(run[i : i + 2] for i in range(max(1, len(run) - 1)))
        elif len(run) > 1:
            found.add(run)
    return frozenset(found)


def likeness(wanted: frozenset[str], text: str) -> float:
    """0 to 1: how much of what a text is about is in `wanted`, and the other way round."""
    other = grams(text)
    shared = len(wanted & other)
    return shared / (len(wanted) * len(other)) ** 0.5 if shared else 0.0


def _hits(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where terms stand in a text, in order and without overlap. A folded character may be longer than what
    it was: `places` leads back."""
    plain, places = [], []
    for index, character in enumerate(text):
        small = _fold(character)
        plain.append(small)
        places += [index] * len(small)
    if not terms or not places:
        return []
    anywhere = re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True))))
    found = [(places[m.start()], places[m.end() - 1] + 1) for m in anywhere.finditer("".join(plain))]
    return [hit for index, hit in enumerate(found) if not index or hit[0] >= found[index - 1][1]]


@cache
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", character).casefold()
