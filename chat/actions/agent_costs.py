"""What a run's agents came to, beside the run's own usage and cost: told with it, and counted by their own
runs alone.
"""

from decimal import Decimal
from typing import Any

from chat.events import MessageUpdated, RunUpdated
from chat.log import session_append
from chat.models import Run
from chat.wire import message_json, run_json


def agents_spent(run: Run) -> dict[str, Any] | None:
    """`{"runs", "input_tokens", "output_tokens", "cost"}` of all that are under it; `cost` is None where a
    price is not known. None where there are none."""
    children = list(run.children.filter(kind=Run.Kind.ANSWER).only("usage", "cost", "agents_spent"))
    if not children:
        return None
    costs = [child.total_cost for child in children if child.usage or child.agents_spent]
    known = [cost for cost in costs if cost is not None]
    return {
        "runs": sum(1 + _count(child, "runs") for child in children),
        "input_tokens": sum(_tokens(child, "input_tokens") for child in children),
        "output_tokens": sum(_tokens(child, "output_tokens") for child in children),
        "cost": format(sum(known, Decimal(0)), "f") if len(known) == len(costs) else None,
    }


def parent_told(child: Run) -> None:
    """Where an agent ends after the run that it worked for, as at a stop. In the transaction of its end."""
    parent = Run.objects.select_for_update(of=("self",)).filter(children=child.id).first()
    if parent is None or parent.is_active:
        return
    parent.agents_spent = agents_spent(parent)
    parent.save(update_fields=["agents_spent"])
    message = parent.message
    message.run, message.cost = parent, parent.total_cost
    message.save(update_fields=["cost"])
    told = [] if parent.parent_id else [MessageUpdated(message=message_json(message))]
    session_append(parent.session_id, *told, RunUpdated(run=run_json(parent)))


def _tokens(child: Run, name: str) -> int:
    return int((child.usage or {}).get(name, 0)) + _count(child, name)


def _count(child: Run, name: str) -> int:
    return int((child.agents_spent or {}).get(name, 0))
