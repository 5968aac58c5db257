"""The span of a run: what was asked of models and tools for it is below. It is itself below the span of who
asked for it, maybe in another process: the run's row says which, as W3C Trace Context writes it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from opentelemetry.context import Context, attach
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chat.logs import request_id
from chat.models import Run
from providers.tracing import TRACER, Attributes, fail

TRACEPARENT: Final = "traceparent"  # the header, https://www.w3.org/TR/trace-context/
_FORMAT: Final = TraceContextTextMapPropagator()


def begin_trace(traceparent: str) -> None:
    """What this task begins from here on is below the caller's span, or below none."""
    if settings.TRACES:
        attach(_below(traceparent))


def current_trace() -> str:
    """As `traceparent`; empty where nothing is traced."""
    carrier: dict[str, str] = {}
    _FORMAT.inject(carrier)
    return carrier.get(TRACEPARENT, "")


def _below(traceparent: str) -> Context:
    return _FORMAT.extract({TRACEPARENT: traceparent}, context=Context())


@contextmanager
def run_span(run: Run) -> Iterator[None]:
    with TRACER.start_as_current_span(
        f"invoke_agent {run.agent}" if run.agent else "run",
        context=_below(run.trace),
        attributes=_begun(run),
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
