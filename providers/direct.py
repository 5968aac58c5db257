"""Asking from Python programs, without sessions and without a server: whole answers and streams, each in both
manners from one implementation.

    answer = await chat("Hello", model="openai/gpt-5")         async for event in stream_chat("Hello"): …
    answer = chat("Hello", model="openai/gpt-5").result()      for event in stream_chat("Hello"): …

Routes, retries, limits and breakers are those of the server; what goes wrong is a ProviderError.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast, get_args

from channels.db import database_sync_to_async

from providers.asking import Asking
from providers.catalogue import default_model, known_model, provider_of
from providers.contract import ChatMessage, ChatRequest, Role, Tool
from providers.estimating import estimated_usage
from providers.events import Finish, RunEvent, Usage
from providers.folding import fold_all, merge_deltas
from providers.http import close_client
from providers.parts import Parts, TextPart, text_of
from providers.planning import plan_for
from providers.pricing import Price, cost_of, price_of, total_cost
from providers.routing import Plan
from providers.steps import Step
from providers.switchboard import close_switchboard

Said: TypeAlias = str | Sequence[ChatMessage | Mapping[str, str]]

_ROLES: Final = get_args(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`usage` says whether it is estimated; `cost` is in US dollars for all that was paid, None where a price
    is not known; `steps` are all tries."""

    parts: Parts
    provider: str
    model: str
    finish_reason: str
    usage: Usage
    cost: Decimal | None
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        return text_of(self.parts)


class ChatStream:
    """The events of one answer, to be read once: `async for` where a loop runs, `for` where none does.
    `answer` is there after the last one."""

    def __init__(self, model: str, request: ChatRequest) -> None:
        self.answer: Answer | None = None
        self._model = model
        self._request = request

    async def __aiter__(self) -> AsyncIterator[RunEvent]:
        prepare = database_sync_to_async(_prepared, thread_sensitive=False)
        async with aclosing(self._told(*await prepare(self._model))) as told:  # type: ignore[type-var]
            async for event in told:
                yield event

    def __iter__(self) -> Iterator[RunEvent]:
        """On a loop of its own, which runs while the next event is waited for."""
        _refuse_running_loop()
        plan, prices = _prepared(self._model)
        with asyncio.Runner() as runner:
            events: asyncio.Queue[RunEvent | None] = asyncio.Queue()
            telling = runner.get_loop().create_task(_handed_over(self._told(plan, prices), events))
            try:
                while (event := runner.run(events.get())) is not None:
                    yield event
                telling.result()
            finally:
                runner.run(_closed(telling))

    async def _told(self, plan: Plan, prices: Mapping[str, Price | None]) -> AsyncIterator[RunEvent]:
        asking = Asking(plan, self._request)
        seen: list[RunEvent] = []
        async with aclosing(asking.events()) as events:  # type: ignore[type-var]
            async for event in events:
                seen.append(event)
                yield event
        self.answer = _answer(asking, self._request, seen, prices)


class Chat:
    """One whole answer: `await` it where a loop runs, or take its `result()` where none does."""

    def __init__(self, stream: ChatStream) -> None:
        self._stream = stream

    def __await__(self) -> Generator[Any, None, Answer]:
        return self._awaited().__await__()

    def result(self) -> Answer:
        for _ in self._stream:
            pass
        return self._whole()

    async def _awaited(self) -> Answer:
        async for _ in self._stream:
            pass
        return self._whole()

    def _whole(self) -> Answer:
        if self._stream.answer is None:
            raise RuntimeError("the answer was read by somebody else")
        return self._stream.answer


def stream_chat(
    said: Said, *, model: str = "", system: str = "", tools: Sequence[Tool] = (), **options: Any
) -> ChatStream:
    """`said` is a text, or messages as `{"role", "content"}` or ChatMessage. `model` is `provider/model`, a
    model's name or a route's; empty is the default. `options` are max_tokens, temperature, …
    Raises ValueError for messages that are none; the rest is raised when it is read."""
    messages = _messages(said)
    return ChatStream(
        model, ChatRequest(model="", messages=messages, system=system, tools=tuple(tools), options=options)
    )


def chat(
    said: Said, *, model: str = "", system: str = "", tools: Sequence[Tool] = (), **options: Any
) -> Chat:
    """As `stream_chat`; gives an Answer."""
    return Chat(stream_chat(said, model=model, system=system, tools=tools, **options))


def _messages(said: Said) -> tuple[ChatMessage, ...]:
    many = [{"role": "user", "content": said}] if isinstance(said, str) else said
    if not many:
        raise ValueError("there is no message")
    return tuple(_message(place, one) for place, one in enumerate(many))


def _message(place: int, told: ChatMessage | Mapping[str, str]) -> ChatMessage:
    if isinstance(told, ChatMessage):
        return told
    role, content = told.get("role"), told.get("content")
    if role not in _ROLES or not isinstance(content, str):
        raise ValueError(
            f"messages.{place}: a message has a role ({', '.join(_ROLES)}) and a content of text"
        )
    return ChatMessage(role=cast(Role, role), parts=(TextPart(text=content),))


def _prepared(model: str) -> tuple[Plan, dict[str, Price | None]]:
    plan = plan_for(model or default_model())
    prices = {}
    for candidate in plan.candidates:
        provider = provider_of(candidate.provider)
        prices[candidate.ref] = price_of(provider, candidate.model, known_model(provider, candidate.model))
    return plan, prices


def _answer(
    asking: Asking, request: ChatRequest, seen: list[RunEvent], prices: Mapping[str, Price | None]
) -> Answer:
    parts = fold_all((), merge_deltas(seen))
    usage = asking.usage or estimated_usage(request, parts)
    candidate = asking.answering or asking.plan.first
    paid = [(f"{step.provider}/{step.model}", step.usage) for step in asking.aside]
    costs = [cost_of(used, prices.get(ref)) for ref, used in [*paid, (candidate.ref, usage)] if used]
    return Answer(
        parts=parts,
        provider=candidate.provider,
        model=candidate.model,
        finish_reason=next((event.reason for event in reversed(seen) if isinstance(event, Finish)), "other"),
        usage=usage,
        cost=total_cost(costs),
        steps=tuple(asking.steps),
    )


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("a loop is running here: use `async for`, or `await`")


async def _handed_over(told: AsyncIterator[RunEvent], events: "asyncio.Queue[RunEvent | None]") -> None:
    try:
        async with aclosing(told) as stream:  # type: ignore[type-var]
            async for event in stream:
                events.put_nowait(event)
    finally:
        events.put_nowait(None)


async def _closed(telling: "asyncio.Task[None]") -> None:
    telling.cancel()
    await asyncio.wait({telling})
    await close_client()
    await close_switchboard()
