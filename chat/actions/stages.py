"""The stages of a workflow as rows: each agent of a stage is a run of its own under the workflow's run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from chat import rows
from chat.agents.catalogue import agent_named, options_of
from chat.agents.stages import Output, Stage
from chat.budgets.amounts import for_a_part, shares_from, shares_json
from chat.dispatch import dispatch
from chat.errors import LeaseLost
from chat.events import RunAdded
from chat.log import session_append
from chat.models import Agent, Message, Run
from chat.wire import run_json
from providers.catalogue import resolve
from providers.errors import ProviderError

NOT_FOR_PARTS = "response_format"  # the shape of the answer as a whole


class Stopping(Exception):  # noqa: N818 - nothing went wrong
    """Somebody wants the workflow stopped: nothing new begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One agent's run as it stands. `code` is empty unless it failed."""

    id: UUID
    over: bool
    output: Output
    code: str = ""


@transaction.atomic
def stage_open(*, run: Run, stage: Stage, text: str) -> list[Child]:
    """Begin a stage, or find it begun by an earlier attempt. By the run's owner. Raises LeaseLost, and
    Stopping so that no child begins after a stop looked for them."""
    held = Run.objects.select_for_update().filter(
        id=run.id, status=Run.Status.RUNNING, lease_owner=run.lease_owner
    )
    holder = held.first()
    if holder is None:
        raise LeaseLost
    if holder.stop_requested_at:
        raise Stopping
    return children_of(run, stage) or _begun(run, stage, text)


def children_of(run: Run, stage: Stage) -> list[Child]:
    """In the order of the stage's agents."""
    found = {row.agent: row for row in run.children.filter(stage=stage.name).select_related("message")}
    return [_child(found[name]) for name in stage.agents if name in found]


def _begun(run: Run, stage: Stage, text: str) -> list[Child]:
    children = [_child_run(run, stage, name, text) for name in stage.agents]
    rows.insert([child.message for child in children])
    rows.insert(children)
    session_append(run.session_id, *(RunAdded(run=run_json(child)) for child in children))
    transaction.on_commit(lambda: dispatch([child.id for child in children]))
    return [_child(child) for child in children]


def _child_run(run: Run, stage: Stage, name: str, text: str) -> Run:
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
        agent=name,
        max_steps=agent.max_steps if agent else None,
        parent=run,
        stage=stage.name,
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
    return Child(id=row.id, over=over, output=output, code=code)


def label_of(name: str) -> str:
    agent = agent_named(name)
    return str(agent) if agent else name


def missing_from(children: Sequence[Child]) -> list[dict[str, str]]:
    return [
        {"agent": child.output.agent, "code": child.code, "message": child.output.missing}
        for child in children
        if child.code
    ]
