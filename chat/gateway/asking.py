"""One stateless question, from this process: whom it goes to, the answer's events, and what it came to.

The events are those of a run that nobody stores: they begin with `run-start`, which waits for the first word
of the upstream, and end like a run does. Closing the generator closes the upstream.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import msgspec

from chat.budgets.rules import Payer, rules_for
from chat.db import in_database
from chat.gateway.accounts import Account, account_for
from chat.gateway.accounts import Question as Question
from chat.gateway.fitting import fitting
from chat.gateway.guarding import guarded
from chat.gateway.shelving import may_repeat, shelved
from chat.gateway.tooling import check_tools, in_a_run, who_answers
from chat.guard import Caller
from chat.models.keys import came_with
from chat.rights import default_for, plan_of
from chat.runner.caching import shelf_for
from providers.asking import Asking
from providers.catalogue import known_model, provider_of
from providers.contract import ChatRequest
from providers.errors import ProviderError
from providers.events import (
    Error,
    Fallback,
    Finish,
    Progress,
    Retry,
    RunEvent,
    RunStart,
    ToolInputStart,
)
from providers.routing import Candidate

logger = logging.getLogger(__name__)

BROKEN: Final = Error(code="provider_stream_broken", message="The provider's answer broke off.")


async def question(
    caller: Caller, request: ChatRequest, door: str, tools: tuple[str, ...] = (), agent: str = ""
) -> Question:
    """`tools` are names of the server's; an agent may be named as the model too. Raises ProviderError where
    there is no such model, Invalid where there is no such tool or agent."""
    return await in_database(_question, caller, request, door, tools, agent)


def _question(
    caller: Caller, request: ChatRequest, door: str, tools: tuple[str, ...], agent: str
) -> Question:
    check_tools(caller.user, tools)
    who, ref = who_answers(request.model, agent)
    plan = plan_of(caller.user, ref or default_for(caller.user), who)
    prices = {c.ref: known_model(provider_of(c.provider), c.model) for c in plan.candidates}
    key = came_with(caller.user)
    payer = Payer(
        user_id=caller.user.pk, key_id=key.id if key else None, refs=(request.model, plan.first.ref)
    )
    return Question(
        caller=caller,
        plan=plan,
        request=request,
        prices=prices,
        door=door,
        source=fitting(prices),
        payer=payer,
        has_budget=bool(rules_for(payer)),
        tools=tools,
        agent=who,
        shelf=shelf_for(caller.user.pk) if may_repeat(request) else None,
    )


def answer(asked: Question) -> AsyncGenerator[RunEvent, None]:
    """Raises ProviderError while nothing was told; later failures are the `error` event that ends it. So does
    the caller's loss of rights."""
    return guarded(in_a_run(asked) if asked.tools or asked.agent else _answered(asked), asked.caller)


async def _answered(asked: Question) -> AsyncGenerator[RunEvent, None]:
    asking = Asking(asked.plan, asked.request, source=asked.source)
    account = await account_for(asked, asking)
    detours: list[RunEvent] | None = []
    try:
        events = shelved(asked.shelf, asked, asking) if asked.shelf else asking.events()
        async with aclosing(events) as stream:  # type: ignore[type-var]
            async for event in stream:
                if detours is not None and isinstance(event, Retry | Fallback | Progress):
                    detours.append(event)
                    continue
                for told in _beginning(account, detours):
                    yield told
                detours = None
                account.note(event)
                if isinstance(event, Finish):
                    await account.settle("completed")
                    yield account.finished(event)
                    return
                yield _for_client(event)
        await account.settle("failed")
        yield BROKEN
    except ProviderError as error:
        await account.settle("failed")
        _log(account.candidate, error)
        if detours is not None:
            raise
        for event in account.closing():
            yield event
        yield Error(code=error.code, message=error.message, retryable=error.retryable)
    finally:
        account.give_up()


def _beginning(account: Account, detours: list[RunEvent] | None) -> list[RunEvent]:
    """Once somebody answers: who, and the way there. The queue is of no interest any more."""
    if detours is None:
        return []
    start = RunStart(provider=account.candidate.provider, model=account.candidate.model)
    return [start, *(event for event in detours if not isinstance(event, Progress))]


def _for_client(event: RunEvent) -> RunEvent:
    """The tools of a stateless request are the caller's own."""
    if isinstance(event, ToolInputStart) and event.executor == "server":
        return msgspec.structs.replace(event, executor="client")
    return event


def _log(candidate: Candidate, error: ProviderError) -> None:
    told = candidate.config.without_secrets(error.detail or error.message)
    logger.warning("gateway: %s: %s: %s", candidate.ref, error.code, told)
