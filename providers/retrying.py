"""After a failure: ask the same provider again, ask the next one, or end. Pure; only for what failed before
the first token, for afterwards nothing is asked again.

stamina, which this house would use, retries one awaitable and sleeps by itself. Here the thing tried is a
stream until its first token, and each wait is an event that the reader sees before it begins.
"""

from enum import Enum, auto
from random import Random
from typing import Final

from providers.errors import (
    ContextTooLong,
    ModelNotFound,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderKeyRejected,
    ProviderPaused,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnreachable,
    StreamBroken,
    UnknownProvider,
)

BASE: Final = 0.5  # seconds: the longest wait before the second try; doubled for each further one
CAP: Final = 8.0  # seconds: no wait of our own choice is longer
SPREAD: Final = (
    0.25  # seconds added at random to a wait that the provider named, so that not all come at once
)

RETRIED: Final = frozenset({408, 409, 429})  # beside 5xx, of which 529 is one
# Another provider may have what this one has not: the key, the money, the model, the size.
ELSEWHERE: Final = frozenset({401, 402, 403, 404, 413})
_ELSEWHERE: Final = (
    ContextTooLong,
    ModelNotFound,
    ProviderBusy,
    ProviderFailed,
    ProviderKeyRejected,
    ProviderPaused,
    ProviderTimeout,
    StreamBroken,
    UnknownProvider,
)


class Verdict(Enum):
    AGAIN = auto()  # the same provider after a wait, then the next
    NEXT = auto()  # the next provider
    END = auto()  # the caller's own fault: nobody would take it


def verdict(error: ProviderError) -> Verdict:
    status = error.upstream_status
    if isinstance(error, ProviderUnreachable | ProviderRateLimited):
        return Verdict.AGAIN
    if status and (status in RETRIED or status >= 500):
        return Verdict.AGAIN
    if isinstance(error, _ELSEWHERE) or status in ELSEWHERE:
        return Verdict.NEXT
    return Verdict.END


def counts_against(error: ProviderError) -> bool:
    """Whether the provider itself is in trouble, so that it should be left alone for a while."""
    trouble = ProviderUnreachable | ProviderTimeout | ProviderFailed | ProviderRateLimited | StreamBroken
    return isinstance(error, trouble)


def backoff(failures: int, retry_after: float | None, longest: float, rng: Random) -> float | None:
    """Seconds to wait after the `failures`-th failure (from 1): anything up to twice the last bound, or what
    the provider asked for. None where that is longer than `longest`: then nobody waits."""
    if retry_after is None:
        return rng.uniform(0.0, min(CAP, BASE * 2 ** (failures - 1)))
    return retry_after + rng.uniform(0.0, SPREAD) if retry_after <= longest else None
