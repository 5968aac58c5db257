"""Sending spans to a collector, with OpenTelemetry's SDK: an extra, `pip install parley[otel]`.

The SDK's own variables say where and how (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, …).
"""

import os
from functools import cache

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


@cache
def start_exporting() -> None:
    """Once per process. Sends from a thread of its own; what is left is sent at the end."""
    name = os.environ.get("OTEL_SERVICE_NAME", "parley")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
