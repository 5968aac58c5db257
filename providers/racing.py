"""A race: the next candidate starts when those before have shown nothing for a while. The first token
wins."""

import asyncio
from collections.abc import Callable, Sequence

from providers.attempts import Attempt
from providers.errors import ProviderError
from providers.retrying import Verdict, verdict
from providers.routing import Candidate, can_take_over


class Race:
    """Nobody is asked twice in a race: the next one is the second try."""

    def __init__(
        self, candidates: Sequence[Candidate], hedge_after: float, enter: Callable[[Candidate], Attempt]
    ) -> None:
        self.first_failure: ProviderError | None = None
        self._waiting = list(candidates)
        self._hedge_after = hedge_after
        self._enter = enter
        self._running: dict[asyncio.Task[None], Attempt] = {}

    async def winner(self) -> Attempt:
        """Raises the last one's ProviderError when all have failed."""
        self._start()
        while True:
            patience = self._hedge_after if self._waiting else None
            done, _ = await asyncio.wait(self._running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                attempt = self._running.pop(task)
                error = task.exception()
                if error is None:
                    return attempt
                await self._drop(attempt, error)
            self._start()

    async def close(self) -> None:
        """Those that go on have lost."""
        losers, self._running = self._running, {}
        for task in losers:
            task.cancel()
        if losers:
            await asyncio.wait(losers)
        for attempt in losers.values():
            attempt.lose()
        await asyncio.gather(*(attempt.close() for attempt in losers.values()))

    def _start(self) -> None:
        if self._waiting:
            attempt = self._enter(self._waiting.pop(0))
            self._running[asyncio.create_task(_begun(attempt))] = attempt

    async def _drop(self, attempt: Attempt, error: BaseException) -> None:
        """One failed: who cannot do better is not started. Raises it where nobody is left."""
        if not isinstance(error, ProviderError):
            raise error
        attempt.fail(error)
        attempt.blame(error)
        await attempt.close()
        self.first_failure = self.first_failure or error
        ends = verdict(error) is Verdict.END
        self._waiting = [c for c in self._waiting if not ends and can_take_over(c, attempt.candidate, error)]
        if not self._waiting and not self._running:
            raise error


async def _begun(attempt: Attempt) -> None:
    async for _ in attempt.admitted():
        pass
    await attempt.begin()
