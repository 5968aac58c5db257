"""Who is connected, and whether they still may be: every open socket and stream of this process.

Signing out, disabling an account, revoking a key and leaving a session end what is open within seconds. All
connections are asked about together, in a handful of queries however many they are.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from chat.access import Person, session_for
from chat.authentication import require_scope, signed_in
from chat.db import in_database
from chat.errors import NotFound
from chat.loops import ended
from chat.models import ApiKey, ChatSession, SessionMember
from chat.models.keys import came_with
from chat.repeating import Repeating

logger = logging.getLogger(__name__)

PACE_SECONDS: Final = 1.0  # how often slow readers are looked at
KEY_SECONDS: Final = 0.5  # how often keys are asked about: a revoked one closes what is open within a second
FAREWELL_SECONDS: Final = 3.0  # for all connections to hear that the process goes
AGAIN_SECONDS: Final = 0.5  # after a change: for those who were let in before it and entered after it
# Sockets, readers of what is kept, and answers that nobody keeps.
KINDS: Final = ("socket", "reader", "answer")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in, and by what: a key, a cookie, or (with a ticket) neither."""

    user: Person
    key: str = ""  # the API key's digest
    cookie: str = ""  # the browser session's key
    stamp: str = ""  # of the password that the cookie was given for

    @classmethod
    def by_key(cls, user: Person) -> "Caller":
        """By the key that the user came with, if he did."""
        key = came_with(user)
        return cls(user, key=key.digest if key else "")

    @classmethod
    def by_cookie(cls, user: Any, session: Any) -> "Caller":
        return cls(user, cookie=session.session_key or "", stamp=user.get_session_auth_hash())


class Connection(Protocol):
    """An open socket or stream. None of these waits."""

    caller: Caller

    @property
    def kind(self) -> str:
        """One of KINDS."""

    @property
    def session_ids(self) -> Collection[str]:
        """What it looks at."""

    def sign_out(self) -> None: ...

    def lose(self, session_id: str) -> None:
        """It may not look at this session any more."""

    def keep_pace(self, now: float) -> None:
        """Close when its reader is stuck."""

    async def go_away(self) -> None:
        """The process is about to go."""


def caller_of(request: Any, scope: str = "read") -> Caller:
    """Raises NotSignedIn, and Forbidden for a key without the scope."""
    user = signed_in(request)
    require_scope(user, scope)
    if came_with(user):
        return Caller.by_key(user)
    return Caller.by_cookie(user, request.session)


class Guard:
    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._of_user: Counter[Any] = Counter()
        self._changed = asyncio.Event()
        self._asking_keys = Repeating(
            self._ask_keys, KEY_SECONDS, "guard: which keys are good could not be asked"
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._asking_keys.start()
        jobs = (self._keep_pace(), self._ask())
        self._tasks = [asyncio.create_task(job) for job in jobs]

    async def stop(self) -> None:
        await asyncio.gather(ended(self._tasks), self._asking_keys.stop())

    def enter(self, connection: Connection) -> None:
        if connection not in self._open:
            self._open.add(connection)
            self._of_user[connection.caller.user.pk] += 1

    def leave(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.discard(connection)
            self._of_user -= Counter([connection.caller.user.pk])  # forgets those who have none left

    def __len__(self) -> int:
        return len(self._open)

    def count_of(self, kind: str) -> int:
        return sum(connection.kind == kind for connection in self._open)

    def count(self, user: Person) -> int:
        """The connections of this person to this process."""
        return self._of_user[user.pk]

    async def send_away(self) -> None:
        leaving = [asyncio.create_task(connection.go_away()) for connection in self._open]
        if leaving:
            await asyncio.wait(leaving, timeout=FAREWELL_SECONDS)
        for task in leaving:
            task.cancel()

    async def _keep_pace(self) -> None:
        while True:
            await asyncio.sleep(PACE_SECONDS)
            for connection in list(self._open):
                connection.keep_pace(time.monotonic())

    def ask_now(self) -> None:
        """Somebody's rights are other than a moment ago."""
        self._changed.set()

    async def _ask(self) -> None:
        wait = settings.RIGHTS_SECONDS
        while True:
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
                wait = AGAIN_SECONDS
            except TimeoutError:
                wait = settings.RIGHTS_SECONDS
            self._changed.clear()
            try:
                await self._ask_once()
            except Exception:
                logger.exception("guard: who may stay could not be asked")

    async def _ask_keys(self) -> None:
        asked = {connection.caller for connection in self._open if connection.caller.key}
        gone = await in_database(without_key, asked) if asked else set()
        for connection in [connection for connection in self._open if connection.caller in gone]:
            connection.sign_out()

    async def _ask_once(self) -> None:
        """What opened meanwhile was let in just now: it is asked about the next time."""
        looking = [(connection, list(connection.session_ids)) for connection in self._open]
        if not looking:
            return
        callers = {connection.caller for connection, _ in looking}
        gone = await in_database(signed_out, callers)
        pairs = {(connection.caller.user, id_) for connection, ids in looking for id_ in ids}
        lost = await in_database(out_of_reach, pairs)
        for connection, ids in looking:
            if connection.caller in gone:
                connection.sign_out()
                continue
            for session_id in ids:
                if (connection.caller.user, session_id) in lost:
                    connection.lose(session_id)


def without_key(callers: Iterable[Caller]) -> set[Caller]:
    """Those whose key is good no longer."""
    asked = list(callers)
    keys = _good_keys(asked)
    return {caller for caller in asked if caller.key and caller.key not in keys}


def signed_out(callers: Iterable[Caller]) -> set[Caller]:
    """Those whose account, key or cookie is good no longer."""
    asked = list(callers)
    now = timezone.now()
    users = get_user_model().objects.filter(is_active=True).in_bulk({caller.user.pk for caller in asked})
    keys = _good_keys(asked)
    cookies = _values(Session.objects.filter(expire_date__gt=now), "session_key", asked, "cookie")

    def stays(caller: Caller) -> bool:
        user = users.get(caller.user.pk)
        if user is None or (caller.key and caller.key not in keys):
            return False
        return not caller.cookie or (
            caller.cookie in cookies and caller.stamp == user.get_session_auth_hash()
        )

    return {caller for caller in asked if not stays(caller)}


def out_of_reach(pairs: set[tuple[Person, str]]) -> set[tuple[Person, str]]:
    """(person, session) where the person may not read the session, or there is none.

    Owners and members are told apart from the rest in two queries; what is left is put to `session_for`,
    which alone decides.
    """
    ids = {UUID(session_id) for _, session_id in pairs}
    owners = ChatSession.objects.filter(id__in=ids).values_list("owner_id", "id")
    members = SessionMember.objects.filter(session_id__in=ids).values_list("user_id", "session_id")
    known = {(user_id, str(id_)) for user_id, id_ in (*owners, *members)}
    return {(user, id_) for user, id_ in pairs if (user.pk, id_) not in known and not _may_read(user, id_)}


def _may_read(user: Person, session_id: str) -> bool:
    try:
        session_for(user, session_id)
    except NotFound:
        return False
    return True


def _good_keys(callers: Iterable[Caller]) -> set[str]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return _values(ApiKey.objects.filter(unexpired, revoked_at=None), "digest", callers, "key")


def _values(rows: Any, column: str, callers: Iterable[Caller], kind: str) -> set[str]:
    asked = {value for caller in callers if (value := getattr(caller, kind))}
    return set(rows.filter(**{f"{column}__in": asked}).values_list(column, flat=True)) if asked else set()
