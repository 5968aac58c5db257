"""What the streaming guide's doors ask: their body, whom it goes to, and the answer's events at its pace."""

import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import msgspec

from chat.agents.catalogue import agent_named
from chat.db import in_database
from chat.dialects.contract import Context
from chat.errors import Invalid, OverBudget
from chat.gateway.asking import Question, answer, question
from chat.gateway.chat_request import ChatBody, request_from
from chat.guard import Caller
from chat.pacing.merging import Events, interleaved
from chat.pacing.paces import BUFFER_SIZE, CHUNK_SIZE, FLUSH_INTERVAL, Settings
from chat.pacing.pacing import at_pace
from chat.pacing.registry import checked_settings, is_pace, pace_names
from providers.catalogue import available_models, default_model
from providers.events import RunEvent

DOOR: Final = "streaming-guide"
MOST: Final = 8  # providers that are asked at once
INTERLEAVED: Final = "interleaved"

Sourced = AsyncGenerator[tuple[str, RunEvent], None]  # a source has a name where there are several


class GuideBody(ChatBody, kw_only=True):
    """Chat completions' fields, and the guide's. `model` may be left out: the provider's first."""

    model: str = ""
    provider_id: str = ""
    provider_ids: list[str] | None = None
    providers: list[str] | None = None
    session_id: str = ""
    stream_format: str = "sse"
    generator_mode: str = "standard"
    buffer_size: int = BUFFER_SIZE
    flush_interval: float = FLUSH_INTERVAL
    chunk_size: int = CHUNK_SIZE
    chunk_by: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(
            buffer_size=self.buffer_size,
            flush_interval=self.flush_interval,
            chunk_size=self.chunk_size,
            chunk_by=self.chunk_by,
        )


decoder: Final = msgspec.json.Decoder(GuideBody)


async def one_answer(body: GuideBody, caller: Caller) -> AsyncGenerator[RunEvent, None]:
    """Raises ChatError and ProviderError where it cannot be asked at all; so do the others."""
    check_mode(body)
    if body.provider_ids:
        raise Invalid("Several providers answer in the mode interleaved.", field="provider_ids")
    asked = await asked_of(body, caller, body.provider_id)
    return at_pace(answer(asked), body.generator_mode, body.settings)


async def several_answers(body: GuideBody, caller: Caller) -> Sourced:
    check_mode(body)
    alone = [body.provider_id] if body.provider_id else []
    return await together(await questions(body, caller, body.provider_ids or alone))


async def together(asked: dict[str, Question]) -> Sourced:
    """Their answers in turn, once one has begun. Raises OverBudget where there is room for none."""
    refusals: list[OverBudget] = []
    merged = interleaved({name: _noted(answer(one), refusals) for name, one in asked.items()})
    begun = []
    try:
        async for item in merged:
            begun.append(item)
            if len(begun) > len(refusals):
                break
        if len(refusals) == len(asked):
            raise refusals[0]
    except BaseException:
        await merged.aclose()
        raise
    return _after(begun, merged)


async def _noted(events: Events, refusals: list[OverBudget]) -> Events:
    async with aclosing(events):
        try:
            async for event in events:
                yield event
        except OverBudget as error:
            refusals.append(error)
            raise


async def _after(begun: list[tuple[str, RunEvent]], rest: Sourced) -> Sourced:
    async with aclosing(rest):
        for item in begun:
            yield item
        async for item in rest:
            yield item


async def sourced_answers(body: GuideBody, caller: Caller) -> Sourced:
    """One or several, as the mode is."""
    if body.generator_mode == INTERLEAVED:
        return await several_answers(body, caller)
    return _from_one(await one_answer(body, caller))


async def questions(body: GuideBody, caller: Caller, names: list[str]) -> dict[str, Question]:
    """By the name that each provider was asked by."""
    if not 1 <= len(names) <= MOST:
        field = "providers" if body.providers is not None else "provider_ids"
        raise Invalid(f"Name 1 to {MOST} providers.", field=field)
    return {name: await asked_of(body, caller, name) for name in dict.fromkeys(names)}


async def asked_of(body: GuideBody, caller: Caller, provider: str) -> Question:
    model = body.model
    if provider or not body.agent:
        model = await in_database(model_ref, model, provider)
    request = request_from(msgspec.structs.replace(body, model=model))
    return await question(caller, request, DOOR, agent=body.agent)


def check_mode(body: GuideBody) -> None:
    if body.generator_mode != INTERLEAVED and not is_pace(body.generator_mode):
        known = ", ".join([*pace_names(), INTERLEAVED])
        raise Invalid(f"There is no such mode; there are: {known}.", field="generator_mode")
    checked_settings(body.settings)


def context_for(source: str, session_id: str = "") -> Context:
    options = {"source": source} if source else {}
    return Context(
        id=uuid.uuid4().hex, model="", created=int(time.time()), session_id=session_id, options=options
    )


async def _from_one(events: AsyncGenerator[RunEvent, None]) -> Sourced:
    async with aclosing(events):
        async for event in events:
            yield "", event


def model_ref(model: str, provider: str) -> str:
    """`provider` may be a provider's id, a whole reference or an agent's name; without a model its first."""
    if "/" in provider:
        return provider
    if not provider:
        return model or default_model()
    if model:
        return f"{provider}/{model.removeprefix(f'{provider}/')}"
    listed = (known["id"] for known in available_models() if known["provider"] == provider)
    return next(listed, provider if agent_named(provider) else f"{provider}/")
