"""Answers that are kept for a moment: what operators set up is asked for with every run and rarely changes.

A change is seen at once by the process that makes it, and by every other within `SECONDS`.
"""

import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

SECONDS: Final = 1.0  # half of what may pass until a change is effective everywhere
MOST: Final = 1_000  # answers; beyond that all are asked for anew

_P = ParamSpec("_P")
_T = TypeVar("_T")
_kept: dict[Hashable, tuple[float, Any]] = {}


def briefly(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Keep what a function of hashable arguments returns; what it raises is not kept."""

    @wraps(function)
    def answer(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        key = (function, args, tuple(kwargs.items()))
        known = _kept.get(key)
        if known and known[0] > time.monotonic():
            return known[1]  # type: ignore[no-any-return]
        value = function(*args, **kwargs)
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = (time.monotonic() + SECONDS, value)
        return value

    return answer


def forget(**_: Any) -> None:
    """A signal's receiver as well."""
    _kept.clear()
