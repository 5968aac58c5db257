"""The span of a run: what was asked of models and tools for it is below."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import get_current_span

from chat.logs import request_id
from chat.models import Run
from providers.tracing import TRACER, Attributes, fail


@contextmanager
def run_span(run: Run) -> Iterator[None]:
    with TRACER.start_as_current_span(
        f"invoke_agent {run.agent}" if run.agent else "run", attributes=_begun(run)
    ):
        yield
        _tell_end(run)


def _begun(run: Run) -> Attributes:
    agent: Attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": run.agent}
    return {
        **(agent if run.agent else {}),
        "gen_ai.conversation.id": str(run.session_id),
        "parley.run.id": str(run.id),
        "parley.run.attempt": run.attempt,
        **({"parley.run.parent": str(run.parent_id)} if run.parent_id else {}),
        **({"parley.request.id": request_id.get()} if request_id.get() else {}),
    }


def _tell_end(run: Run) -> None:
    span = get_current_span()
    span.set_attribute("parley.run.status", str(run.status))
    if run.cost is not None:
        span.set_attribute("parley.run.cost", float(run.cost))
    if run.error:
        fail(run.error["code"])
