"""Requests that nobody keeps and that an agent answers, or for which this server runs tools: each is a run
like every other, in a session that goes when it has ended. Nobody is asked for leave there.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from chat.access import Person
from chat.actions.sessions import session_delete
from chat.agents.catalogue import Wish, agent_named, asks_people, chosen
from chat.commands import CancelRun
from chat.db import in_database
from chat.errors import Invalid
from chat.gateway.accounts import Question, tally_run
from chat.gateway.failing import failure_of
from chat.gateway.storing import BEGINS, TOOLS, Place, store, told
from chat.loops import spawn
from chat.models import ChatSession, Run, UsageRecord
from chat.performing import cancel
from chat.rights import tools_for
from chat.tools.catalogue import unlisted_servers
from chat.tools.servers import ENVIRONMENT, refresh_lists
from providers.events import Error, RunEnd, RunEvent

logger = logging.getLogger(__name__)

LIST_SECONDS: Final = 10.0  # that a request waits for lists of tools which nobody has read yet
STOP_SECONDS: Final = 30.0  # for a run that is stopped to end; the cleaner takes those that take longer


def check_tools(user: Person, names: tuple[str, ...]) -> None:
    """Sync. Raises Invalid for one that is not there, and for one that a person has to allow each time."""
    known = {tool.name: tool for tool in tools_for(user.pk)} if names else {}
    for name in names:
        tool = known.get(name)
        if tool is None:
            raise Invalid(f"There is no tool called {name[:80]!r} here.", code="unknown_tool", field=TOOLS)
        if tool.policy != "always":
            told = "A person has to allow each call of this tool: ask in a session."
            raise Invalid(told, code="tool_needs_approval", field=TOOLS)


def who_answers(model: str, agent: str) -> tuple[str, str]:
    """Sync. The agent's name, empty where none is named, and the model, empty where nobody says one. Raises
    Invalid for an agent that is not there, and for one that asks the person."""
    if not agent and agent_named(model) is None:
        return "", model
    choice = chosen(Wish(agent=agent, model=model, options={}), ChatSession())
    if choice.agent and asks_people(choice.agent):
        told = "This agent asks the person who talks with it: ask it in a session."
        raise Invalid(told, code="agent_needs_person", field="agent")
    return choice.name, choice.model


async def environment_tools(user: Person) -> tuple[str, ...]:
    """Those of MCP_URL that run without being asked for."""
    if unlisted := await in_database(unlisted_servers):
        async with asyncio.timeout(LIST_SECONDS):
            await refresh_lists(unlisted)
    tools = await in_database(tools_for, user.pk)
    return tuple(tool.name for tool in tools if tool.server == ENVIRONMENT and tool.policy == "always")


async def in_a_run(asked: Question) -> AsyncGenerator[RunEvent, None]:
    """Raises ProviderError while nothing was told. Closing it stops the run."""
    run = await in_database(_stored, asked)
    ended = False
    try:
        async with aclosing(_begun(told(run, asked.caller))) as events:
            async for event in events:
                ended = isinstance(event, RunEnd)
                yield event
    finally:
        spawn(_put_away(asked, run, ended))


def _stored(asked: Question) -> Run:
    session: dict[str, Any] = {"title": asked.door, "memory": False, "temporary": True}
    place = Place(client_id=uuid.uuid4().hex, fields=session, tools=asked.tools, agent=asked.agent)
    return store(asked.caller, asked.request, place)


async def _begun(events: AsyncGenerator[RunEvent, None]) -> AsyncGenerator[RunEvent, None]:
    """Held back until there is something of the answer. Raises what failed before that."""
    held: list[RunEvent] = []
    begun = False
    async with aclosing(events):
        async for event in events:
            if begun:
                yield event
                continue
            held.append(event)
            if isinstance(event, Error):
                raise failure_of(event)
            if begun := isinstance(event, BEGINS):
                for one in held:
                    yield one


async def _put_away(asked: Question, run: Run, ended: bool) -> None:
    try:
        if not ended:
            await in_database(cancel, asked.caller.user, CancelRun(run_id=str(run.id)))
            async with asyncio.timeout(STOP_SECONDS), aclosing(told(run, asked.caller)) as rest:
                async for _ in rest:
                    pass
        await in_database(_removed, asked, run.id)
    except Exception:
        logger.exception("gateway: run %s is left to the cleaner", run.id)


def _removed(asked: Question, run_id: uuid.UUID) -> None:
    """What it used stays (`usage_keep`), with the door that it came by."""
    run = Run.objects.select_related("session").filter(id=run_id).first()
    if run is None or run.is_active:
        return
    tally_run(asked, run)
    session_delete(session=run.session)
    UsageRecord.objects.filter(id=run_id).update(door=asked.door)
