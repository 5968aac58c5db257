"""One run's answer as events: with the loop of tools where the run has any, else what asking gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from chat.actions.tool_calls import Spent, calls_of, run_wait
from chat.agents.lanes import Lanes, with_lanes, written
from chat.models import Run
from chat.rights import toolbox_for
from chat.runner.asking import RunAsking
from chat.runner.handing import team_tools
from chat.runner.resting import Rest
from chat.runner.staging import Staging
from chat.runner.structuring import Structure, structured
from chat.runner.tooling import REST_SECONDS, Begun, NeedsDecision, ToolLoop
from chat.runner.writer import RunLog, persistently
from chat.tools.catalogue import Toolbox, toolbox, unlisted_servers
from chat.tools.servers import refresh_lists, refresh_soon
from providers.contract import ChatRequest
from providers.events import RunEvent, Usage
from providers.forming import form_of
from providers.parts import Parts

LIST_SECONDS = 10.0  # that an answer waits for lists of tools which nobody has read yet


@dataclass(frozen=True, slots=True)
class _Prepared:
    tools: Toolbox
    unlisted: tuple[int, ...]
    taken: frozenset[str]


async def answer(run: Run, log: RunLog, asking: RunAsking, staging: Staging) -> AsyncIterator[RunEvent]:
    """What `staging` asks ends with what the log holds of this answer, if anything. Last comes a Finish.

    Raises NeedsDecision once the run waits for a person and is held by nobody, LeaseLost, and what asking
    raises.
    """
    shown, lanes = log.parts, Lanes(log.parts)  # before stages said anything
    stages = staging.events(shown, partial(_waited, run, log, asking))
    async with aclosing(with_lanes(stages, lanes, staged=True)) as told:  # type: ignore[type-var]
        async for event in told:
            yield event
    words = await _words(run, log, asking, staging, written(shown))
    async with aclosing(with_lanes(staging.ended(words), lanes)) as stream:  # type: ignore[type-var]
        async for event in stream:
            yield event


async def _words(
    run: Run, log: RunLog, asking: RunAsking, staging: Staging, begun: Parts
) -> AsyncIterator[RunEvent]:
    """Of who writes the answer itself."""
    prepared = await _prepared(run)
    request = replace(staging.request, tool_choice=staging.request.tool_choice or run.tool_choice)
    if prepared.tools.has_effects:
        asking.never_repeat()
    form = form_of(request.options)
    if not prepared.tools.offered and not run.resumes and not form:
        return asking.ask(request)
    messages = request.messages[:-1] if begun else request.messages
    request = replace(request, messages=messages, tools=prepared.tools.offered)
    events = _with_tools(run, request, log, asking, prepared, begun, staging.rest)
    if not form:
        return events
    return structured(Structure(form=form, ask=asking.ask, request=request, begun=begun), events)


def _with_tools(
    run: Run,
    request: ChatRequest,
    log: RunLog,
    asking: RunAsking,
    prepared: _Prepared,
    begun: Parts,
    rest: Rest,
) -> AsyncIterator[RunEvent]:
    used = msgspec.convert(run.usage, Usage) if run.usage else None
    return ToolLoop(
        run=run,
        ask=asking.ask,
        request=request,
        toolbox=prepared.tools,
        begun=Begun(parts=begun, usage=used, taken=prepared.taken),
        flushed=log.flushed,
        let_go=lambda usage: _let_go(run, log, asking, usage),
        rest=rest,
    ).events()


async def _prepared(run: Run) -> _Prepared:
    found = await persistently(_read, run)
    if found.unlisted and run.tools != []:
        await refresh_lists(found.unlisted, LIST_SECONDS)
        found = await persistently(_read, run)
    refresh_soon(tool.server_id for tool in found.tools.server.values() if tool.server_id)
    return found


def _read(run: Run) -> _Prepared:
    taken = frozenset(calls_of(run.id)) if run.attempt > 1 or run.resumes else frozenset()
    tools = toolbox_for(run.user_id, toolbox(run.tools))
    if run.session.temporary:  # nobody sees its questions
        tools = tools.unattended
    return _Prepared(tools.joined_by(team_tools(run)), unlisted_servers(), taken)


async def _waited(run: Run, log: RunLog, asking: RunAsking) -> None:
    """Raises NeedsDecision, unless somebody decided or stopped the run just now."""
    if await _let_go(run, log, asking, None):
        raise NeedsDecision
    await asyncio.sleep(REST_SECONDS)


async def _let_go(run: Run, log: RunLog, asking: RunAsking, usage: Usage | None) -> bool:
    await log.flushed()
    spent = Spent(usage=usage, cost=asking.cost(usage), steps=asking.steps)
    return await persistently(partial(run_wait, run=run, last_seq=log.last_seq, spent=spent))
