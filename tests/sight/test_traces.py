"""Runs, requests and tool calls are spans with the names of the conventions, without what was said."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.clients import Api, eventually

SAID = "pelican-4711"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"  # of a caller


class Collector(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.exported.append(body)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.exported = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def spans(collector: Any) -> dict[str, Any]:
    """By name."""
    found = {}
    for body in list(collector.exported):
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            found.update({span.name: span for scope in resource.scope_spans for span in scope.spans})
    return found


def runs(collector: Any) -> dict[str, Any]:
    """The spans of runs, by the run's id."""
    sent = (ExportTraceServiceRequest.FromString(body) for body in list(collector.exported))
    resources = [resource for request in sent for resource in request.resource_spans]
    found = [span for resource in resources for scope in resource.scope_spans for span in scope.spans]
    return {run: span for span in found if (run := attribute(span, "parley.run.id"))}


def attribute(span: Any, name: str) -> Any:
    value = next((one.value for one in span.attributes if one.key == name), None)
    return None if value is None else getattr(value, value.WhichOneof("value"))


async def test_a_run_with_a_tool_is_a_tree_of_spans(own_server: Any, collector: Any) -> None:
    own_server.environment.update(
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_address[1]}",
        OTEL_BSP_SCHEDULE_DELAY="200",
        OTEL_EXPORTER_OTLP_COMPRESSION="none",
    )
    own_server.start()
    ids = []
    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        session = await alice.session()
        alice.http.headers["traceparent"] = f"00-{TRACE}-{SPAN}-01"
        script = [{"tool": "calculator", "arguments": {"expression": "6*7"}}, {"text": SAID}]
        asked = {"options": {"script": script}, "tools": ["calculator"]}
        for model, more in (("demo/tools", asked), ("demo/fail", {})):
            run = (await alice.send(session["id"], model=model, text=SAID, **more))["runs"][0]
            await alice.ended(run["id"])
            ids.append(run["id"])
            alice.http.headers["traceparent"] = "no header of this kind"

    async def exported() -> bool:
        names = spans(collector).keys()
        return {"chat tools", "chat fail", "execute_tool calculator"} <= names and len(runs(collector)) == 2

    await eventually(exported)
    found = spans(collector)
    of_caller, of_nobody = (runs(collector)[run] for run in ids)
    assert (of_caller.trace_id.hex(), of_caller.parent_span_id.hex()) == (TRACE, SPAN)
    assert not of_nobody.parent_span_id and of_nobody.trace_id.hex() != TRACE
    answer, failed, tool = (found[name] for name in ("chat tools", "chat fail", "execute_tool calculator"))
    assert answer.trace_id == tool.trace_id != failed.trace_id
    assert answer.parent_span_id == tool.parent_span_id == of_caller.span_id
    assert attribute(answer, "gen_ai.provider.name") == "demo"
    assert attribute(answer, "gen_ai.usage.output_tokens") > 0
    assert attribute(answer, "gen_ai.response.time_to_first_chunk") >= 0
    assert attribute(failed, "error.type")
    assert attribute(found["run"], "gen_ai.conversation.id") == session["id"]
    assert not [body for body in collector.exported if SAID.encode() in body]
