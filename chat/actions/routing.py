"""What a run records on its way to an answer: the order of asking, the tries, and who is asked now."""

from collections.abc import Iterable

from django.db import transaction

from chat import rows
from chat.errors import LeaseLost
from chat.events import RunUpdated
from chat.log import session_append
from chat.models import Run
from chat.wire import run_json
from providers.routing import Plan
from providers.steps import Step


@transaction.atomic
def run_route(*, run: Run, plan: Plan) -> None:
    """Keep the order that was decided: whoever takes the run over asks in the same one. By the run's owner.
    Raises LeaseLost."""
    run.route = {
        "name": (run.route or {}).get("name", plan.first.ref),
        "strategy": plan.strategy,
        "candidates": [candidate.ref for candidate in plan.candidates],
    }
    run.provider, run.model = plan.first.provider, plan.first.model
    _write(run, "route", "provider", "model")


@transaction.atomic
def run_step(*, run: Run, steps: Iterable[Step], asked: str) -> None:
    """A try failed, and `asked` (`provider/model`) is who is asked now. By the owner. Raises LeaseLost."""
    run.steps = [step.as_json() for step in steps]
    run.provider, _, run.model = asked.partition("/")
    _write(run, "steps", "provider", "model")


def _write(run: Run, *changed: str) -> None:
    if not rows.update(run, *changed, status=Run.Status.RUNNING, lease_owner=run.lease_owner):
        raise LeaseLost
    session_append(run.session_id, RunUpdated(run=run_json(run)))
