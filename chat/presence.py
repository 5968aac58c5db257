"""Who looks at a shared session just now, and who writes something there: told to all who look, on all
processes.

Nothing of it is kept. Every process says whom it has, when that changes and from time to time; what it says
replaces what it said before, and is forgotten when it falls silent. A session that is shared with nobody
costs nothing but a place in a table."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings

from chat.access import Person
from chat.db import in_database
from chat.loops import ended
from chat.models import SessionMember
from chat.repeating import Repeating
from chat.wire import person_json

logger = logging.getLogger(__name__)

GROUP: Final = "presence"  # the layer's group of all processes that have viewers
TICK_SECONDS: Final = 0.3  # what changes within one is told once
TELL_SECONDS: Final = 15.0  # how often what did not change is told again
SILENT_SECONDS: Final = 40.0  # after which a process counts as gone
TYPING_SECONDS: Final = 5.0  # that one keystroke counts; clients repeat it about every 3
PATIENCE: Final = 1.0  # seconds for the layer
MOST: Final = 100  # people that one frame names

People = dict[str, dict[str, Any]]  # by id: {"id", "name", "typing": seconds left}


class Watcher(Protocol):
    """An open socket or stream that looks at sessions."""

    @property
    def caller(self) -> Any: ...

    def show_presence(self, frame: Mapping[str, Any]) -> bool:
        """False when it has no room now: it is shown the next time."""


class Presence:
    def __init__(self) -> None:
        self._process = uuid.uuid4().hex
        self._here: dict[
            str, dict[Watcher, list[dict[str, Any]]]
        ] = {}  # by session: who looks, and what they were shown
        self._typing: dict[tuple[str, str], float] = {}  # (session, person) → until when
        self._elsewhere: dict[str, dict[str, tuple[float, People]]] = {}  # by session and process
        self._changed: set[str] = set()  # sessions to tell of
        self._told_all = time.monotonic()
        self._ticking = Repeating(self._tick, TICK_SECONDS, "presence: could not be told")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._ticking.start()
        if settings.REDIS_URL:
            self._tasks = [asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        await asyncio.gather(ended(self._tasks), self._ticking.stop())

    # --- what happens here --------------------------------------------------------------

    def join(self, session_id: str, watcher: Watcher) -> None:
        self._here.setdefault(session_id, {})[watcher] = []
        self._changed.add(session_id)

    def leave(self, session_id: str, watcher: Watcher) -> None:
        watchers = self._here.get(session_id, {})
        watchers.pop(watcher, None)
        self._changed.add(session_id)
        if not watchers:
            self._here.pop(session_id, None)
            self._elsewhere.pop(session_id, None)

    def typing(self, session_id: str, user: Person) -> None:
        self._typing[session_id, str(user.pk)] = time.monotonic() + TYPING_SECONDS
        self._changed.add(session_id)

    def shared(self, session_id: str) -> None:
        """Its members changed."""
        self._changed.add(session_id)

    # --- telling ------------------------------------------------------------------------

    async def _tick(self) -> None:
        now = time.monotonic()
        for key in [key for key, until in self._typing.items() if until < now]:
            del self._typing[key]
            self._changed.add(key[0])
        if now - self._told_all > TELL_SECONDS:
            self._told_all = now
            self._changed.update(self._here)
        changed, self._changed = self._changed, set()
        shared = await in_database(_shared, changed) if changed else set()
        for session_id in shared:
            await self._tell(session_id, now)
            self._show(session_id, self._people(session_id, now))
        for session_id in changed - shared:
            self._show(session_id, [])

    async def _tell(self, session_id: str, now: float) -> None:
        if settings.REDIS_URL:
            people = self._people_here(session_id, now)
            asks = session_id in self._here and session_id not in self._elsewhere
            self._elsewhere.setdefault(session_id, {}) if asks else None
            await self._send(
                {"process": self._process, "session_id": session_id, "people": people, "asks": asks}
            )

    async def _send(self, message: dict[str, Any]) -> None:
        layer: Any = get_channel_layer()
        try:
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(GROUP, {"type": "presence.told", **message})
        except Exception as error:
            logger.info("presence: the layer is away: %r", error)

    # --- hearing ------------------------------------------------------------------------

    async def _listen(self) -> None:
        layer: Any = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel("presence")
                await layer.group_add(GROUP, channel)
                while True:
                    self._hear(await layer.receive(channel), time.monotonic())
            except Exception as error:
                logger.info("presence: the layer is away: %r", error)
                await asyncio.sleep(PATIENCE)

    def _hear(self, message: Mapping[str, Any], now: float) -> None:
        session_id = message["session_id"]
        if message["process"] == self._process or session_id not in self._here:
            return
        known = self._elsewhere.setdefault(session_id, {})
        known[message["process"]] = (now, message["people"])
        if message["asks"]:
            self._changed.add(session_id)
        self._show(session_id, self._people(session_id, now))

    # --- showing ------------------------------------------------------------------------

    def _show(self, session_id: str, people: list[dict[str, Any]]) -> None:
        """To those who were shown something else."""
        frame = {"type": "presence", "session_id": session_id, "people": people}
        watchers = self._here.get(session_id, {})
        for watcher, shown in list(watchers.items()):
            if shown != people and watcher.show_presence(frame):
                watchers[watcher] = people

    def _people(self, session_id: str, now: float) -> list[dict[str, Any]]:
        people = self._people_here(session_id, now)
        for heard, others in self._elsewhere.get(session_id, {}).values():
            if now - heard < SILENT_SECONDS:
                people = {**others, **people} | _typing_of(others, now - heard)
        listed = [{**one, "typing": one["typing"] > 0} for one in people.values()]
        return sorted(listed, key=lambda one: (one["name"], one["id"]))[:MOST]

    def _people_here(self, session_id: str, now: float) -> People:
        people = [person_json(watcher.caller.user) for watcher in self._here.get(session_id, ())]
        return {one["id"]: {**one, "typing": self._left(session_id, one["id"], now)} for one in people}

    def _left(self, session_id: str, person: str, now: float) -> float:
        return max(0.0, self._typing.get((session_id, person), 0.0) - now)


def _typing_of(people: People, ago: float) -> People:
    return {id_: one for id_, one in people.items() if one["typing"] > ago}


def _shared(session_ids: set[str]) -> set[str]:
    """Those of them that have members."""
    found = SessionMember.objects.filter(session_id__in=map(UUID, session_ids))
    return {str(id_) for id_ in found.values_list("session_id", flat=True).distinct()}
