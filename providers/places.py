"""Who holds a place at a provider, and who waits for one: over Redis for all processes, or within this one.

A place is a lease: it is renewed while its process lives and comes back by itself when that dies. While
Redis is away every process keeps to the limits by itself, so that nobody waits for Redis and a provider
may meanwhile get up to its limit from each of them.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from providers.limits import MINUTE, Room
from providers.routing import Limits
from providers.shared import Shared, SharedAway

LEASE: Final = 10.0  # seconds that a place is held without being renewed
WAITER: Final = 3.0  # seconds after which somebody who stopped asking has left the queue
QUICKEST: Final = 0.05  # seconds between two questions of the first in the queue
SLOWEST: Final = 0.5  # of those who stand far behind

_SCRIPTS: Final = Path(__file__).parent / "lua"
ENTER: Final = (_SCRIPTS / "enter.lua").read_text()
LEAVE: Final = (_SCRIPTS / "leave.lua").read_text()
RENEW: Final = (_SCRIPTS / "renew.lua").read_text()


class Limiter:
    """The places at all providers, as one event loop sees them."""

    def __init__(self, shared: Shared | None) -> None:
        self.shared = shared
        self.rooms: dict[str, Room] = defaultdict(Room)
        self.waiting: dict[str, int] = defaultdict(int)
        self._held: dict[str, set[str]] = defaultdict(set)
        self._news: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def place(self, provider: str, limits: Limits, tokens: int) -> "Place":
        """`tokens` is what the request will come to, as far as one can tell."""
        return Place(self, provider, limits, tokens)

    def renew(self) -> None:
        for provider, tokens in self._held.items():
            if tokens and self.shared:
                self.shared.tell(RENEW, _keys(provider)[:1], int(LEASE * 1000), *tokens)

    def took(self, provider: str, token: str) -> None:
        self._held[provider].add(token)

    def gave_back(self, provider: str, token: str) -> None:
        self._held[provider].discard(token)
        self._news[provider].set()
        del self._news[provider]

    async def news(self, provider: str, seconds: float) -> None:
        """Returns when a place came back here, and after so many seconds: others have places as well."""
        event = self._news[provider]
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


class Place:
    """One request's place at a provider, from the queue until it is given back."""

    def __init__(self, limiter: Limiter, provider: str, limits: Limits, tokens: int) -> None:
        self._limiter = limiter
        self._provider = provider
        self._limits = limits
        self._tokens = tokens
        self._token = uuid.uuid4().hex
        self._second = 0
        self._held = False
        self._sent = False  # whether Redis may know of it
        self._entering: asyncio.Task[tuple[int, int]] | None = None

    async def waiting(self) -> AsyncIterator[int]:
        """How many stand before this one, whenever that was asked; ends when the place is there."""
        if not self._limits:
            return
        self._limiter.waiting[self._provider] += 1
        try:
            while (ahead := await self._enter()) is not None:
                yield ahead
                await self._limiter.news(self._provider, min(SLOWEST, QUICKEST * (1 + ahead)))
        finally:
            self._limiter.waiting[self._provider] -= 1

    async def taken(self) -> bool:
        """Without waiting for it: who is refused has to leave."""
        return await self._enter() is None

    def leave(self, spent: int | None = None) -> None:
        """Give it back, or stop waiting. `spent` are the tokens that it came to, where that is known."""
        if not self._limits:
            return
        difference = spent - self._tokens if spent is not None and self._held else 0
        self._limiter.rooms[self._provider].leave(self._token, self._second, difference)
        if self._limiter.shared and self._entering:
            self._limiter.shared.spawn(self._leave_shared(self._limiter.shared, self._entering, difference))
        self._limiter.gave_back(self._provider, self._token)

    async def _enter(self) -> int | None:
        try:
            ahead, self._second = await self._enter_shared()
        except SharedAway:
            room = self._limiter.rooms[self._provider]
            ahead, self._second = room.enter(self._token, self._limits, self._tokens)
        if ahead is None:
            self._held = True
            self._limiter.took(self._provider, self._token)
        return ahead

    async def _enter_shared(self) -> tuple[int | None, int]:
        if not self._limiter.shared:
            raise SharedAway
        limits = self._limits
        asked = self._limiter.shared.run(
            ENTER,
            _keys(self._provider),
            self._token,
            limits.max_concurrency,
            limits.requests_per_minute,
            limits.tokens_per_minute,
            self._tokens,
            int(LEASE * 1000),
            int(WAITER * 1000),
            MINUTE,
        )
        self._entering = asyncio.ensure_future(asked)
        try:
            ahead, second = await asyncio.shield(self._entering)
        except SharedAway as away:
            self._sent = self._sent or away.command is not None
            raise
        self._sent = True
        return (None if ahead < 0 else int(ahead)), int(second)

    async def _leave_shared(
        self, shared: Shared, entering: "asyncio.Task[tuple[int, int]]", difference: int
    ) -> None:
        """After the question that may still be on its way, or its answer would be a place that nobody has."""
        await asyncio.wait({entering})
        failure = None if entering.cancelled() else entering.exception()
        if isinstance(failure, SharedAway) and failure.command:
            await asyncio.wait({failure.command})
        elif isinstance(failure, SharedAway) and not self._sent:
            return
        second = self._second if entering.cancelled() or failure else entering.result()[1]
        await shared.insist(LEAVE, _keys(self._provider), self._token, second, difference)


def _keys(provider: str) -> list[str]:
    """In one slot of a cluster."""
    return [f"{{{provider}}}:{name}" for name in ("places", "queue", "waiters", "rates", "tickets")]
