"""The doors that are no REST views, in the OpenAPI document: those of OpenAI's and Anthropic's clients, of
front ends, of the user's documents, and the streams. Bodies are described by the types that read them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from chat.gateway import (
    ag_ui_views,
    agent_views,
    ai_sdk_views,
    chat_request,
    guide_request,
    message_request,
    response_request,
    studio_views,
)

JSON: Final = "application/json"
SSE: Final = "text/event-stream"
NDJSON: Final = "application/x-ndjson"
TEXT: Final = "text/plain"
_SCHEMAS: Final = "#/components/schemas/"
_SECURITY: Final[tuple[dict[str, list[str]], ...]] = ({"bearer": []}, {"apiKey": []})


@dataclass(frozen=True, slots=True)
class Door:
    """One operation: `answers` are the media types that it may answer in, `query` and `headers` what it takes
    beside its body."""

    tag: str
    method: str
    path: str
    summary: str
    answers: tuple[str, ...] = (JSON,)
    body: Any = None
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    open: bool = False  # to everybody


KEPT: Final = ("X-Parley-Session", "X-Parley-Tools", "Idempotency-Key")
POSITION: Final = ("after", "wait")

DOORS: Final = (
    Door(
        "OpenAI",
        "post",
        "/v1/chat/completions",
        "Chat completions",
        (JSON, SSE),
        chat_request.ChatBody,
        headers=KEPT,
    ),
    Door(
        "OpenAI",
        "post",
        "/v1/responses",
        "Make a response",
        (JSON, SSE),
        response_request.ResponseBody,
        headers=KEPT[1:],
    ),
    Door(
        "OpenAI",
        "get",
        "/v1/responses/{name}",
        "A response, or what it streams from a point on",
        (JSON, SSE),
        query=("stream", "starting_after"),
    ),
    Door("OpenAI", "delete", "/v1/responses/{name}", "Delete a response"),
    Door("OpenAI", "post", "/v1/responses/{name}/cancel", "Stop a response"),
    Door("OpenAI", "get", "/v1/models", "Models and agents, in the words of whoever asks"),
    Door("OpenAI", "get", "/v1/models/{name}", "One model"),
    Door(
        "Anthropic",
        "post",
        "/v1/messages",
        "Messages",
        (JSON, SSE),
        message_request.MessageBody,
        headers=KEPT,
    ),
    Door(
        "Anthropic",
        "post",
        "/v1/messages/count_tokens",
        "About how many tokens a request has",
        body=message_request.CountBody,
    ),
    Door(
        "front ends",
        "post",
        "/api/ai-sdk/chat",
        "The AI SDK's chat",
        (SSE,),
        ai_sdk_views.ChatBody,
    ),
    Door(
        "front ends",
        "get",
        "/api/ai-sdk/chat/{name}/stream",
        "The answer that is being written, from its beginning; 204 where there is none",
        (SSE,),
    ),
    Door("front ends", "post", "/api/ai-sdk/chat/{name}/stop", "Stop the answer"),
    Door("front ends", "post", "/api/ag-ui", "Run an agent by AG-UI", (SSE,), ag_ui_views.RunBody),
    Door(
        "streaming guide",
        "post",
        "/api/streaming/chat",
        "An answer in any format and mode",
        (SSE, NDJSON, TEXT),
        guide_request.GuideBody,
    ),
    Door(
        "streaming guide",
        "post",
        "/api/streaming/compare",
        "Several providers' answers at once",
        (SSE, JSON),
        guide_request.GuideBody,
    ),
    Door("stats", "get", "/api/stats/live/", "The server as it changes; for operators", (SSE,)),
    Door("streaming guide", "get", "/api/streaming/stats", "How streaming does; for operators"),
    Door(
        "streaming agent",
        "post",
        "/chat/stream",
        "An answer as it comes",
        (SSE,),
        agent_views.AgentBody,
    ),
    Door("streaming agent", "post", "/chat", "An answer in one piece", body=agent_views.AgentBody),
    Door("streaming agent", "get", "/health", "Whether it runs", open=True),
    Door("streaming agent", "get", "/stats", "What was answered: own, or for operators all"),
    Door("streaming agent", "post", "/reset-stats", "Begin to count anew; for operators"),
    Door(
        "content studio",
        "post",
        "/novachat",
        "The supervisor's team at work",
        (SSE,),
        studio_views.StudioBody,
        headers=KEPT[2:],
    ),
    Door(
        "content studio",
        "post",
        "/loomichat",
        "The concierge",
        (SSE,),
        studio_views.StudioBody,
        headers=KEPT[2:],
    ),
    Door(
        "streams",
        "get",
        "/api/runs/{id}/events/",
        "A run's events",
        (JSON, SSE, NDJSON, TEXT),
        query=(*POSITION, "dialect"),
        headers=("Last-Event-ID",),
    ),
    Door(
        "streams",
        "get",
        "/api/sessions/{id}/events/",
        "A session's events",
        (JSON, SSE, NDJSON),
        query=POSITION,
        headers=("Last-Event-ID",),
    ),
    Door(
        "streams",
        "get",
        "/api/sessions/{id}/feed/",
        "A session and its runs, as over the WebSocket",
        (JSON, SSE),
        query=("position", "wait"),
    ),
)


def document_doors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular's: adds the doors to the document."""
    bodies = tuple(dict.fromkeys(door.body for door in DOORS if door.body))
    refs, types = msgspec.json.schema_components(bodies, ref_template=_SCHEMAS + "{name}")
    for door in DOORS:
        body = dict(zip(bodies, refs, strict=True)).get(door.body)
        result["paths"].setdefault(door.path, {})[door.method] = _operation(door, body)
    components = result.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), **types}
    return result


def _operation(door: Door, body: Mapping[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{door.method}_{re.sub(r'[^a-z0-9]+', '_', door.path.lower()).strip('_')}",
        "tags": [door.tag],
        "summary": door.summary,
        "security": [] if door.open else list(_SECURITY),
        "parameters": [*_parameters(door)],
        "responses": {"200": _answer("Answered", door.answers), "default": _answer("Refused", (JSON, TEXT))},
    }
    return {**told, "requestBody": {"required": True, "content": {JSON: {"schema": body}}}} if body else told


def _parameters(door: Door) -> Iterable[dict[str, Any]]:
    text = {"type": "string"}
    for name in re.findall(r"{(\w+)}", door.path):
        yield {"name": name, "in": "path", "required": True, "schema": text}
    for place, names in (("query", door.query), ("header", door.headers)):
        for name in names:
            yield {"name": name, "in": place, "schema": text}


def _answer(description: str, types: tuple[str, ...]) -> dict[str, Any]:
    return {"description": description, "content": {type_: {"schema": {}} for type_ in types}}
