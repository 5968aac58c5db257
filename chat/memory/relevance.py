"""Which facts matter for what is being said: the words they share, the rare ones most. Pure.

Facts of one person are few and short, so they are weighed here, the same on every database; Chinese, Japanese
and Korean, which put no spaces between words, are compared by pairs of characters.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeVar

from providers.estimating import estimated_tokens

_WIDE: Final = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS: Final = re.compile(rf"[{_WIDE}]+|[^\W_{_WIDE}]+")
_IS_WIDE: Final = re.compile(rf"[{_WIDE}]")
STEM: Final = 5  # letters of a word that count, so that "allergic" finds "allergies"
LINE: Final = 6  # tokens around a fact in the prompt

_T = TypeVar("_T")


def terms(text: str) -> set[str]:
    return {term for run in _RUNS.findall(text.casefold()) for term in _terms_of(run)}


def relevant(facts: Sequence[tuple[_T, str]], text: str, tokens: int) -> list[_T]:
    """The keys of facts that fit into `tokens`, those first that share most with `text`; what shares nothing
    comes last, in the order given."""
    known = [(key, words, terms(words)) for key, words in facts]
    count = Counter(term for *_, found in known for term in found)
    asked = terms(text)
    weight = {term: math.log(1 + len(known) / count[term]) for term in asked & count.keys()}
    ranked = sorted(known, key=lambda fact: -sum(weight.get(term, 0.0) for term in fact[2]))
    return _fitting([(key, words) for key, words, _ in ranked], tokens)


def _fitting(ranked: Sequence[tuple[_T, str]], tokens: int) -> list[_T]:
    chosen = []
    for key, words in ranked:
        cost = estimated_tokens(words) + LINE
        if cost <= tokens:
            tokens -= cost
            chosen.append(key)
    return chosen


def _terms_of(run: str) -> list[str]:
    if not _IS_WIDE.match(run):
        return [run[:STEM]]
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]
