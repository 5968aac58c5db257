"""Whether this process can be sent people, as `/readyz` tells balancers and operators."""

from functools import cache
from typing import Final

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from chat.errors import Unavailable
from chat.shutdown import is_going

PATIENCE: Final = 1.0  # seconds for Redis
OK: Final = "ok"
AWAY: Final = "away"


def readiness() -> dict[str, str]:
    """`status`, and of the database, the layer and the queue whether they answer. Raises Unavailable.

    Without Redis it is `degraded` and ready all the same: readers go by the log, runs are found by sweeping,
    and a balancer that takes every process away would end what still works.
    """
    if is_going():
        raise Unavailable("This process is about to end.", code="draining")
    _ask_database()
    shared = _redis()
    status = OK if shared == OK else "degraded"
    return {"status": status, "database": OK, "layer": shared, "queue": shared}


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:
        raise Unavailable("The database does not answer.") from error


def _redis() -> str:
    """The layer and the queue are in one Redis, or both in this process."""
    try:
        return OK if not settings.REDIS_URL or _line(settings.REDIS_URL).ping() else AWAY
    except (RedisError, OSError):
        return AWAY


@cache
def _line(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 1)
    )
