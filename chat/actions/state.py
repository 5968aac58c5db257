"""What programs keep with a session (`session_data`): written under a version, seen by everybody who looks
on.

The row is the truth. Where there is Redis, readers get a copy from there that every write replaces.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import msgspec
import orjson
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from chat import rows
from chat.errors import Conflict, Invalid, NotFound, TooLarge
from chat.events import State
from chat.log import session_write
from chat.models import ChatSession

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 64 * 1024  # of all data as JSON
COPY_SECONDS: Final = 60  # that a copy is believed
LONGEST_TTL: Final = 30 * 24 * 3600  # seconds

Data = dict[str, Any]


class Stored(msgspec.Struct, frozen=True):
    """`expires` has the Unix time of transient keys."""

    data: Data = {}
    version: int = 0
    expires: dict[str, float] = {}

    def alive(self, now: float) -> "Stored":
        """Without the keys whose time is up."""
        gone = {key for key, until in self.expires.items() if until <= now}
        kept = {key: value for key, value in self.data.items() if key not in gone}
        return Stored(kept, self.version, {k: v for k, v in self.expires.items() if k not in gone})

    def as_json(self) -> dict[str, Any]:
        return {"session_data": self.data, "version": self.version, "expires": self.expires}


def state_of(session: ChatSession) -> Stored:
    """As the row has it."""
    stored = Stored(session.state, session.state_version or 0, session.state_expires or {})
    return stored.alive(time.time())


def state_read(session: ChatSession) -> Stored:
    """The copy, else the row."""
    copy = _copied(lambda: cache.get(_key(session)))
    if copy is None:
        stored = state_of(session)
        _copied(lambda: cache.add(_key(session), msgspec.msgpack.encode(stored), COPY_SECONDS))
        return stored
    return msgspec.msgpack.decode(copy, type=Stored).alive(time.time())


def state_replace(*, session: ChatSession, data: Data, version: int) -> Stored:
    """Raises Conflict where somebody wrote since that version."""
    return _write(session, version, lambda _: Stored(data))


def state_change(
    *,
    session: ChatSession,
    changes: Mapping[str, Any],
    removed: Collection[str] = (),
    ttl: float | None = None,
    version: int | None = None,
) -> Stored:
    """Set these keys, for `ttl` seconds where that is given, and remove those. Raises Conflict where a
    version is given and somebody wrote since."""

    def change(stored: Stored) -> Stored:
        data = {k: v for k, v in {**stored.data, **changes}.items() if k not in removed}
        expires = {k: v for k, v in stored.expires.items() if k in data and k not in changes}
        until = {} if ttl is None else dict.fromkeys(changes, time.time() + ttl)
        return Stored(data, expires=expires | until)

    return _write(session, version, change)


def _write(session: ChatSession, version: int | None, change: Callable[[Stored], Stored]) -> Stored:
    with transaction.atomic():
        row = rows.fetch(ChatSession, lock=True, id=session.id)
        if row is None:
            raise NotFound
        known = state_of(row)
        if version is not None and version != known.version:
            raise Conflict("Somebody else wrote since.", code="stale_version", version=known.version)
        new = msgspec.structs.replace(change(known), version=known.version + 1)
        _refuse_large(new)
        row.state, row.state_version, row.state_expires = new.data, new.version, new.expires or None
        event = State(session_data=new.data, version=new.version)
        session_write(row, ("state", "state_version", "state_expires"), event)
        transaction.on_commit(lambda: _keep_copy(session, new))
    return new


def _refuse_large(stored: Stored) -> None:
    try:
        size = len(orjson.dumps(stored.data))
    except orjson.JSONEncodeError:
        raise Invalid("The data is not plain JSON.", field="session_data") from None
    if size > MOST_BYTES:
        raise TooLarge("The data is larger than 64 KiB.", field="session_data", limit=MOST_BYTES)


def _keep_copy(session: ChatSession, stored: Stored) -> None:
    _copied(lambda: cache.set(_key(session), msgspec.msgpack.encode(stored), COPY_SECONDS))


def _copied(ask: Callable[[], Any]) -> Any:
    """None without Redis, and where it is away: the row is there."""
    if not settings.REDIS_URL:
        return None
    try:
        return ask()
    except RedisError as error:
        logger.info("state: Redis is away: %s", error)
        return None


def _key(session: ChatSession) -> str:
    return f"state:{session.id}"
