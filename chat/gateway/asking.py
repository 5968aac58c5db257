"""One stateless question, from this process: whom it goes to, the answer's events, and what it came to.

The events are those of a run that nobody stores: they begin with `run-start`, which waits for the first word
of the upstream, and end like a run does. Closing the generator closes the upstream.
"""

import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import msgspec

from chat.db import in_database
from chat.guard import Caller
from chat.metrics import RUNS, TOKENS
from providers.catalogue import config_for, listed_model, resolve
from providers.contract import ChatRequest, ProviderConfig
from providers.errors import ProviderError
from providers.estimating import estimated_usage
from providers.events import (
    Delta,
    Error,
    Finish,
    RunEvent,
    RunStart,
    Timings,
    ToolInputStart,
    Usage,
    UsageReport,
)
from providers.folding import closing_events, fold_all, merge_deltas
from providers.models import ProviderModel
from providers.parts import Parts
from providers.pricing import cost_of
from providers.registry import adapter_for

logger = logging.getLogger(__name__)

BROKEN: Final = Error(code="provider_stream_broken", message="The provider's answer broke off.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request with all that is needed to ask it. `ref` is the model as the caller named it."""

    caller: Caller
    ref: str
    config: ProviderConfig
    request: ChatRequest
    price: ProviderModel | None
    door: str


async def question(caller: Caller, request: ChatRequest, door: str) -> Question:
    """Raises ProviderError where there is no such model."""
    return await in_database(_question, caller, request, door)


def _question(caller: Caller, request: ChatRequest, door: str) -> Question:
    provider, model = resolve(request.model)
    return Question(
        caller=caller,
        ref=request.model,
        config=config_for(provider),
        request=replace(request, model=model),
        price=listed_model(provider, model),
        door=door,
    )


def ask(asked: Question) -> AsyncIterator[RunEvent]:
    return adapter_for(asked.config).stream(asked.request)


class Account:
    """What one answer came to, settled once however it ended. `note` sees every event."""

    def __init__(self, asked: Question) -> None:
        self._asked = asked
        self._started = time.monotonic()
        self._first_token_ms: int | None = None
        self._events: list[RunEvent] = []
        self._usage: Usage | None = None
        self._settled = False

    def note(self, event: RunEvent) -> None:
        if isinstance(event, UsageReport):
            self._usage = event.usage
        elif not isinstance(event, Finish):
            self._events.append(event)
        if self._first_token_ms is None and isinstance(event, Delta):
            self._first_token_ms = self._elapsed_ms()

    def closing(self) -> list[RunEvent]:
        return closing_events(self._parts())

    def finished(self, end: Finish) -> Finish:
        """The end with what it came to."""
        usage = self.usage()
        cost = self._cost(usage)
        timings = Timings(first_token_ms=self._first_token_ms, total_ms=self._elapsed_ms())
        told = None if cost is None else format(cost, "f")
        return msgspec.structs.replace(end, usage=usage, cost=told, timings=timings)

    def usage(self) -> Usage | None:
        """As it was told, or estimated where something was answered without a word of it."""
        if self._usage is None and self._events:
            self._usage = estimated_usage(self._asked.request, self._parts())
        return self._usage

    def settle(self, status: str) -> None:
        """The one place where a stateless answer is counted."""
        if self._settled:
            return
        self._settled = True
        asked, usage = self._asked, self.usage()
        provider = asked.config.provider_id
        RUNS.labels(status, provider).inc()
        if usage:
            TOKENS.labels("input", provider).inc(usage.input_tokens)
            TOKENS.labels("output", provider).inc(usage.output_tokens)
        logger.info(
            "gateway: %s %s user=%s model=%s/%s tokens=%s cost=%s ms=%d",
            asked.door,
            status,
            asked.caller.user.pk,
            provider,
            asked.request.model,
            usage.total_tokens if usage else 0,
            self._cost(usage),
            self._elapsed_ms(),
        )

    def _cost(self, usage: Usage | None) -> Decimal | None:
        return cost_of(usage, self._asked.price) if usage else None

    def _parts(self) -> Parts:
        return fold_all((), merge_deltas(self._events))

    def _elapsed_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)


async def answer(asked: Question) -> AsyncGenerator[RunEvent, None]:
    """Raises ProviderError while nothing was told; later failures are the `error` event that ends it."""
    account = Account(asked)
    begun = False
    try:
        async with aclosing(ask(asked)) as stream:  # type: ignore[type-var]
            async for event in stream:
                if not begun:
                    begun = True
                    yield RunStart(provider=asked.config.provider_id, model=asked.request.model)
                account.note(event)
                if isinstance(event, Finish):
                    account.settle("completed")
                    yield account.finished(event)
                    return
                yield _for_client(event)
        account.settle("failed")
        yield BROKEN
    except ProviderError as error:
        account.settle("failed")
        _log(asked, error)
        if not begun:
            raise
        for event in account.closing():
            yield event
        yield Error(code=error.code, message=error.message, retryable=error.retryable)
    finally:
        account.settle("cancelled")


def _for_client(event: RunEvent) -> RunEvent:
    """The tools of a stateless request are the caller's own."""
    if isinstance(event, ToolInputStart) and event.executor == "server":
        return msgspec.structs.replace(event, executor="client")
    return event


def _log(asked: Question, error: ProviderError) -> None:
    told = asked.config.api_key.removed_from(error.detail or error.message)
    logger.warning("gateway: %s: %s: %s", asked.config.provider_id, error.code, told)
