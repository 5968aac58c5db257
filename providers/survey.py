"""How all providers do, as all processes see it together: for pages, the API and statistics. Sync, from any
thread.

Through Redis where there is one; where it is away, or is not, what this process knows.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from providers.breaker import ALL, State
from providers.breaker import KEYS as BREAKERS
from providers.shared import PATIENCE, PREFIX
from providers.switchboard import KEPT, PICTURE, PICTURES, Picture, pictures, provider_in, switchboards
from providers.windows import Totals, added

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Survey:
    """By `provider/model`; those who wait are under `provider/`. What is not in `breakers` is closed."""

    models: dict[str, Totals] = field(default_factory=dict)
    breakers: dict[str, State] = field(default_factory=dict)
    gauges: Counter[str] = field(default_factory=Counter)

    def of(self, provider: str) -> dict[str, Totals]:
        return {ref: totals for ref, totals in self.models.items() if provider_in(ref) == provider}

    def total(self, provider: str = "") -> Totals:
        """Of one provider, or of all."""
        return added((self.of(provider) if provider else self.models).values())


def survey() -> Survey:
    mine = {board.name: board.picture() for board in switchboards()}
    try:
        told, breakers = _shared() if settings.REDIS_URL else ({}, _own_breakers())
    except (RedisError, OSError) as error:
        logger.warning("providers: Redis is away, the survey is of this process alone: %r", error)
        told, breakers = {}, _own_breakers()
    found = Survey(breakers=breakers)
    _add(found, {**told, **mine}.values())
    return found


def _add(found: Survey, seen: Iterable[Picture]) -> None:
    for picture in seen:
        found.gauges.update(picture.gauges)
        for ref, totals in picture.models.items():
            found.models[ref] = found.models.get(ref, Totals()) + totals


def _shared() -> tuple[dict[str, Picture], dict[str, State]]:
    redis = _line(settings.REDIS_URL)
    told: Any = redis.eval(PICTURE, 1, PREFIX + PICTURES[0], "", "", int(KEPT * 1000))
    stored: Any = redis.eval(ALL, 1, PREFIX + BREAKERS[0])
    pairs = zip(told[::2], told[1::2], strict=True)
    seen = {name.decode(): pictures.decode(picture) for name, picture in pairs}
    states = zip(stored[::3], stored[2::3], strict=True)
    return seen, {ref.decode(): _state(int(left)) for ref, left in states if left}


def _state(left_ms: int) -> State:
    return "open" if left_ms > 0 else "half-open"


def _own_breakers() -> dict[str, State]:
    return {
        ref: circuit.state(board.breaker.clock())
        for board in switchboards()
        for ref, circuit in list(board.breaker.circuits.items())
        if circuit.open_until
    }


@cache
def _line(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
