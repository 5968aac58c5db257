"""Agents that work for another run, as rows: each is a run of its own under that run.

Its `stage` says for what: a workflow's stage (`draft`, in a second round `draft.2`) or a call of a tool.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from chat import rows
from chat.actions.call_endings import open_calls
from chat.agents.catalogue import agent_named, options_of, pace_of
from chat.agents.stages import Output, Stage
from chat.budgets.amounts import for_a_part, shares_from, shares_json
from chat.dispatch import dispatch
from chat.errors import LeaseLost
from chat.events import RunAdded
from chat.log import session_append
from chat.models import Agent, Message, Run
from chat.tracing import current_trace
from chat.wire import run_json
from providers.catalogue import resolve
from providers.errors import ProviderError
from providers.parts import Parts, ToolCallPart

NOT_FOR_PARTS = "response_format"  # the shape of the answer as a whole
LONGEST_KEY = 64  # characters of a run's `stage`


class Stopping(Exception):  # noqa: N818 - nothing went wrong
    """Somebody wants the workflow stopped: nothing new begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One agent's run as it stands. `code` is empty unless it failed."""

    id: UUID
    stage: str
    over: bool
    output: Output
    code: str = ""


@transaction.atomic
def stage_open(*, run: Run, stage: Stage, key: str, text: str) -> list[Child]:
    """Begin a stage, or find it begun by an earlier attempt. By the run's owner. Raises LeaseLost, and
    Stopping so that no child begins after a stop looked for them."""
    _refuse_others(run)
    return children_of(run, key, stage.agents) or _begun(run, key, stage.agents, text)


@transaction.atomic
def handoff_open(*, run: Run, call_id: str, agent: str, text: str) -> Child:
    """The same for one agent that a tool's call hands over to."""
    _refuse_others(run)
    key = call_key(call_id)
    return (children_of(run, key, [agent]) or _begun(run, key, [agent], text))[0]


def handoff_look(run: Run, call_id: str, agent: str) -> Child:
    return children_of(run, call_key(call_id), [agent])[0]


def call_key(call_id: str) -> str:
    """What stands for a call in its agent's `stage`."""
    return call_id if len(call_id) <= LONGEST_KEY else hashlib.sha256(call_id.encode()).hexdigest()


def agents_called(run: Run, parts: Parts) -> QuerySet[Run]:
    """Those that still work for calls which are in these parts."""
    keys = [call_key(part.id) for part in parts if isinstance(part, ToolCallPart)]
    return run.children.filter(stage__in=keys, status__in=Run.ACTIVE)


def calls_wait_for_agents(run: Run, parts: Parts) -> bool:
    """Whether nothing but agents was waited for: whoever goes on finds them by their calls."""
    waiting = open_calls(parts)
    keys = {call_key(call.id) for call in waiting}
    begun = set(run.children.filter(stage__in=keys).values_list("stage", flat=True))
    return bool(waiting) and keys == begun and not any(getattr(part, "open", False) for part in parts)


def children_of(run: Run, key: str, agents: Sequence[str]) -> list[Child]:
    """In the order of the agents."""
    found = {row.agent: row for row in run.children.filter(stage=key).select_related("message")}
    return [_child(found[name]) for name in agents if name in found]


def _refuse_others(run: Run) -> None:
    held = Run.objects.select_for_update().filter(
        id=run.id, status=Run.Status.RUNNING, lease_owner=run.lease_owner
    )
    holder = held.first()
    if holder is None:
        raise LeaseLost
    if holder.stop_requested_at:
        raise Stopping


def _begun(run: Run, key: str, agents: Sequence[str], text: str) -> list[Child]:
    children = [_child_run(run, key, name, text) for name in agents]
    rows.insert([child.message for child in children])
    rows.insert(children)
    session_append(run.session_id, *(RunAdded(run=run_json(child)) for child in children))
    transaction.on_commit(lambda: dispatch([child.id for child in children]))
    return [_child(child) for child in children]


def _child_run(run: Run, key: str, name: str, text: str) -> Run:
    """An agent that cannot answer any more fails by itself, and does not keep the others from it."""
    agent = agent_named(name)
    ref = agent.model if agent and agent.model else _ref_of(run)
    provider, model, prefix = _resolved(ref)
    message = Message(
        session_id=run.session_id,
        parent_id=run.message_id,
        role=Message.Role.ASSISTANT,
        status=Message.Status.QUEUED,
        provider=provider,
        model=model,
    )
    return Run(
        session_id=run.session_id,
        message=message,
        user_id=run.user_id,
        api_key=run.api_key,
        reserved=shares_json(for_a_part(shares_from(run.reserved))),
        provider=provider,
        model=model,
        route=None if ref == f"{provider}/{model}" else {"name": ref},
        options=_options(run, agent),
        tools=(agent.tools if agent else None) or [],
        accepts_prefix=prefix,
        pace=pace_of(agent) or run.pace,
        agent=name,
        trace=current_trace(),
        max_steps=agent.max_steps if agent else None,
        parent=run,
        stage=key,
        input=text,
    )


def _ref_of(run: Run) -> str:
    route: Mapping[str, Any] = run.route or {}
    return str(route.get("name") or run.asked)


def _resolved(ref: str) -> tuple[str, str, bool]:
    try:
        provider, model = resolve(ref)
    except ProviderError:
        named, _, rest = ref.partition("/")
        return named, rest, False
    return provider.id, model, bool(provider.extra.get("accepts_prefix"))


def _options(run: Run, agent: Agent | None) -> dict[str, Any]:
    shared = {name: value for name, value in run.options.items() if name != NOT_FOR_PARTS}
    return {**shared, **(options_of(agent) if agent else {})}


def _child(row: Run) -> Child:
    error: Mapping[str, str] = row.error or {}
    over = not row.is_active
    failed = over and row.status != Run.Status.COMPLETED
    code = error.get("code", str(row.status)) if failed else ""
    reason = (error.get("message") or "It was stopped.") if failed else ""
    text = row.message.text if over and not failed else ""
    output = Output(agent=row.agent, label=label_of(row.agent), text=text, missing=reason)
    return Child(id=row.id, stage=row.stage, over=over, output=output, code=code)


def label_of(name: str) -> str:
    agent = agent_named(name)
    return str(agent) if agent else name


def missing_from(children: Sequence[Child]) -> list[dict[str, str]]:
    return [
        {"agent": child.output.agent, "code": child.code, "message": child.output.missing}
        for child in children
        if child.code
    ]
