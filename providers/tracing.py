"""Spans of what is asked of models and tools, named by OpenTelemetry's conventions for generative AI. Never
what was said.

The API alone does nothing: a span is real where an SDK was started. All of them are made at the end of what
they are about, none on the way of tokens.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeAlias

from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span, get_tracer
from opentelemetry.util.types import AttributeValue

from providers.events import Usage
from providers.steps import Step

Attributes: TypeAlias = dict[str, AttributeValue]

TRACER: Final = get_tracer("parley")
# By kind of provider, where the conventions have a name for it.
_PROVIDERS: Final[Mapping[str, str]] = {"azure": "azure.ai.openai", "responses": "openai"}
_NANO: Final = 1_000_000  # nanoseconds of a millisecond


def trace_request(step: Step, kind: str, first_token: float | None) -> None:
    """One request to a model, after it; `first_token` in seconds since it was asked."""
    span = TRACER.start_span(
        f"chat {step.model}",
        kind=SpanKind.CLIENT,
        start_time=step.started_ms * _NANO,
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(kind, kind),
            "gen_ai.request.model": step.model,
            "gen_ai.request.stream": True,
            "parley.provider": step.provider,
            "parley.outcome": step.outcome,
            **({} if first_token is None else {"gen_ai.response.time_to_first_chunk": first_token}),
            **usage_attributes(step.usage),
            **({"error.type": step.code} if step.code else {}),
        },
    )
    if step.code:
        span.set_status(Status(StatusCode.ERROR))
    span.end(end_time=step.ended_ms * _NANO)


@contextmanager
def tool_span(name: str, call_id: str) -> Iterator[None]:
    """A tool at work. What it raises is told by its `code` alone."""
    attributes: Attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.id": call_id,
        "gen_ai.tool.type": "function",
    }
    with TRACER.start_as_current_span(
        f"execute_tool {name}", attributes=attributes, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield
        except Exception as error:
            fail(getattr(error, "code", "") or type(error).__name__)
            raise


def fail(code: str) -> None:
    """The current span is of something that failed."""
    span = get_current_span()
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))


def usage_attributes(usage: Usage | None) -> Attributes:
    if usage is None:
        return {}
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
    }
