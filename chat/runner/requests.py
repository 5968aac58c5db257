"""What a run asks, and whom: the branch of the conversation that it answers, and the plan of its route."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from chat.agents.catalogue import agent_named, stages_of, system_of
from chat.agents.stages import Stage
from chat.memory.chores import task_of
from chat.memory.facts import recalled
from chat.memory.recall import Recall, history_known
from chat.models import Agent, Run
from chat.rights import permitted
from chat.runner.caching import Shelf, shelf_of
from chat.runner.history import branch_to, with_input
from chat.runner.stored_files import Files, files_in
from providers.catalogue import known_model, provider_of
from providers.contract import ChatMessage, ChatRequest
from providers.errors import UnknownProvider
from providers.models import ProviderModel
from providers.parts import Parts, text_of
from providers.planning import plan_for
from providers.routing import Plan

GONE: Final = "The agent that was to answer is not here any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """All that a runner needs to know, read in one go. `prices` are by `provider/model`; `begun` is what an
    earlier attempt wrote and this one goes on from; `context` is what a run in the background has to keep."""

    run: Run
    plan: Plan
    request: ChatRequest
    prices: Mapping[str, ProviderModel]
    begun: Parts = ()
    files: Files = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    recall: Recall = field(default_factory=Recall)
    shelf: Shelf | None = None  # of answers that may be given again
    context: Mapping[str, Any] | None = None
    seconds: int | None = None  # that its agent may take


def assignment_for(run: Run, begun: Parts = ()) -> Assignment:
    """Raises ProviderError."""
    plan = _plan(run, begun)
    if run.kind:
        task = task_of(run, plan.first.context_length)
        request = replace(task.request, options={**task.request.options, **run.options})
        return Assignment(run=run, plan=plan, request=request, prices=_prices(plan), context=task.context)
    return _answering(run, plan, begun)


def _answering(run: Run, plan: Plan, begun: Parts) -> Assignment:
    agent = _agent_of(run)
    branch = branch_to(run.message.parent_id)
    said = tuple(branch.values())
    history = said if run.input is None else with_input(said, run.input)
    facts = recalled(run, next((text_of(one.parts) for one in reversed(history) if one.role == "user"), ""))
    request = ChatRequest(
        model=run.model,
        messages=(*history, *([ChatMessage(role="assistant", parts=begun)] if begun else [])),
        system="\n\n".join(filter(None, (system_of(agent, run.session.system_prompt), facts.text))),
        options=run.options,
    )
    return Assignment(
        run=run,
        plan=plan,
        request=request,
        prices=_prices(plan),
        begun=begun,
        files=files_in(request.messages),
        stages=_stages(run, agent),
        shelf=shelf_of(run),
        recall=Recall(history=history_known(run, list(branch), history[: len(branch)], plan), facts=facts),
        seconds=agent.timeout_seconds if agent else None,
    )


def _stages(run: Run, agent: Agent | None) -> tuple[Stage, ...]:
    """None within a workflow, whatever became of its agents since it was checked: it would have no end."""
    stages = stages_of(agent)
    within = bool(stages) and run.parent is not None and bool(stages_of(agent_named(run.parent.agent)))
    return () if within else stages


def _agent_of(run: Run) -> Agent | None:
    """Raises ProviderError where it is not there any more: what it was to say is not known."""
    agent = agent_named(run.agent)
    if run.agent and agent is None:
        raise UnknownProvider(GONE)
    return agent


def _plan(run: Run, begun: Parts) -> Plan:
    """In the order that was decided, where that was: a second attempt asks as the first did. Who goes on from
    what was written is who wrote it."""
    route = run.route or {}
    plan = plan_for(route.get("name", run.asked))
    if not run.agent and run.parent_id is None:
        plan = permitted(plan, run.user_id)
    if begun:
        return plan.only(run.asked)
    return plan.led_by(tuple(route["candidates"])) if "candidates" in route else plan


def _prices(plan: Plan) -> dict[str, ProviderModel]:
    return {
        candidate.ref: known_model(provider_of(candidate.provider), candidate.model)
        for candidate in plan.candidates
    }
