"""Stateless answers to the same request again, by the rule that holds for runs (chat/runner/caching.py)."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from chat.gateway.accounts import Question
from chat.memory.windows import History
from chat.runner.caching import Shelf, asks_for_the_same, keep, kept_from, key_of, known, repeated
from providers.asking import Asking
from providers.contract import ChatRequest
from providers.events import Finish, RunEvent

HEADER: Final = "X-Parley-Cached"  # when the repeated answer was given for the first time, ISO 8601


def may_repeat(request: ChatRequest) -> bool:
    """Not with the caller's tools: what they give is not known here."""
    return not request.tools and asks_for_the_same(request)


async def shelved(shelf: Shelf, asked: Question, asking: Asking) -> AsyncIterator[RunEvent]:
    """From the shelf, or asked and put there. Raises ProviderError."""
    key = key_of(shelf, asked.plan, asked.request, History())
    if kept := await known(key):
        asked.headers[HEADER] = kept.at
        for event in repeated(kept):
            yield event
        return
    seen: list[RunEvent] = []
    async with aclosing(asking.events()) as events:  # type: ignore[type-var]
        async for event in events:
            seen.append(event)
            if isinstance(event, Finish) and asking.answering:
                await keep(shelf, key, kept_from("", asking.answering.ref, seen))
            yield event
