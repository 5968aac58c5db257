"""What attempts have used whose server died: nobody was told, so it is estimated from what they wrote."""

from decimal import Decimal
from typing import Any

import msgspec

from chat.agents.lanes import written
from chat.models import Run
from chat.runner.history import history_of
from providers.catalogue import known_model, provider_of
from providers.contract import ChatRequest
from providers.errors import UnknownProvider
from providers.estimating import estimated_usage
from providers.events import Usage
from providers.parts import Parts, parts_from_json
from providers.pricing import cost_of
from providers.steps import Step, steps_from


def reckoned(run: Run, request: ChatRequest, begun: Parts = ()) -> list[Step]:
    """A run's steps with what set-aside attempts used; `begun` is what was kept of them instead."""
    return [_reckoned(step, run, request, begun) for step in steps_from(run.steps)]


def usage_left(run: Run, parts: Parts, last: Step) -> tuple[Usage | None, list[Step], Decimal | None]:
    """Of a run that nobody goes on with: what its answer used, all its steps, and what was paid for them.
    `last` is the step of the attempt that ends it."""
    request = ChatRequest(
        model=run.model, messages=tuple(history_of(run.message)), system=run.session.system_prompt
    )
    words = written(parts)
    usage = estimated_usage(request, words) if words else None
    if usage and run.usage:  # what was used until tools or a person were waited for
        usage = _sum(msgspec.convert(run.usage, Usage), usage)
    last = msgspec.structs.replace(last, usage=usage)
    steps = [_priced(step) for step in (*reckoned(run, request), last)]
    paid = [step for step in steps if step.usage and step.outcome != "answered"]
    known = [Decimal(step.cost) for step in paid if step.cost is not None]
    return usage, steps, sum(known, Decimal(0)) if paid and len(known) == len(paid) else None


def _reckoned(step: Step, run: Run, request: ChatRequest, begun: Parts) -> Step:
    if step.outcome != "set_aside" or step.usage:
        return step
    wrote: Any = next((kept["parts"] for kept in run.set_aside if kept["attempt"] == step.attempt), None)
    parts = written(begun if wrote is None else parts_from_json(wrote))
    return msgspec.structs.replace(step, usage=estimated_usage(request, parts)) if parts else step


def _priced(step: Step) -> Step:
    if not step.usage or step.cost is not None:
        return step
    try:
        model = known_model(provider_of(step.provider), step.model)
    except UnknownProvider:  # removed meanwhile, and its price with it
        return step
    cost = cost_of(step.usage, model)
    return step if cost is None else msgspec.structs.replace(step, cost=format(cost, "f"))


def _sum(one: Usage, other: Usage) -> Usage:
    counts = zip(msgspec.structs.astuple(one)[:-1], msgspec.structs.astuple(other)[:-1], strict=True)
    names = [field.name for field in msgspec.structs.fields(Usage)[:-1]]
    return Usage(**dict(zip(names, (a + b for a, b in counts), strict=True)), estimated=True)
