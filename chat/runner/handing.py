"""Handing over: each agent of a concierge's team is a tool, and a call of it is a run under the concierge's.

The call waits for that run and gives what it wrote. It may be started again by whoever goes on with the
concierge's run: the agent's run is found by the call's id, and nobody is asked twice.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from chat.actions.stages import Child, Stopping, handoff_look, handoff_open
from chat.agents.catalogue import agent_named
from chat.errors import LeaseLost
from chat.models import Agent, Run
from chat.runner.writer import persistently
from chat.tools.contract import CallContext, ServerTool
from chat.tools.errors import ToolError
from providers.events import AgentError, AgentFinish, AgentStart

LOOK_EVERY: Final = 0.2  # seconds between two looks at the agent's row
LONGEST: Final = 86_400.0  # seconds; the agent's own limit is `timeout_seconds`
TASK: Final = {
    "type": "object",
    "properties": {
        "task": {"type": "string", "description": "What to do, with all that has to be known for it."}
    },
    "required": ["task"],
}


def team_tools(run: Run) -> dict[str, ServerTool]:
    """By name. Agents of a team hand over to nobody themselves."""
    agent = agent_named(run.agent) if run.agent and run.parent_id is None else None
    members = [agent_named(name) for name in (agent.team or ())] if agent else []
    return {member.name: _tool(run, member) for member in members if member}


def _tool(run: Run, member: Agent) -> ServerTool:
    return ServerTool(
        name=member.name,
        run=partial(_hand_over, run, member.name),
        description=member.description or str(member),
        parameters=TASK,
        side_effects=False,
        policy="always",
        timeout=LONGEST,
        resumes=True,
    )


async def _hand_over(run: Run, name: str, arguments: Mapping[str, Any], context: CallContext) -> str:
    call_id = context.tool_call_id
    try:
        child = await persistently(handoff_open, run=run, call_id=call_id, agent=name, text=arguments["task"])
    except (Stopping, LeaseLost):
        raise ToolError("The call was stopped.", code="tool_stopped") from None
    context.say(started(child))
    while not child.over:
        await asyncio.sleep(LOOK_EVERY)
        child = await persistently(handoff_look, run, call_id, name)
    context.say(ended(child))
    if child.code:
        raise ToolError(child.output.missing, code=child.code)
    return child.output.text


def started(child: Child) -> AgentStart:
    output = child.output
    return AgentStart(name=output.agent, label=output.label, stage=child.stage, child_id=str(child.id))


def ended(child: Child) -> AgentFinish | AgentError:
    where = {"name": child.output.agent, "stage": child.stage, "child_id": str(child.id)}
    if not child.code:
        return AgentFinish(**where)
    return AgentError(code=child.code, message=child.output.missing, **where)
