"""An error as every JSON door of ours tells it: `{"error": {"code", "message", "field"?, …, "request_id"}}`.
The doors of other vendors' clients have their own shapes (`chat.gateway.edge`)."""

from typing import Any

import orjson
from django.http import HttpResponse

from chat.errors import ChatError
from chat.logs import request_id
from chat.metrics import REFUSALS


def refusal_json(error: ChatError) -> dict[str, Any]:
    """Counts it, too: to be made once for each that is told."""
    REFUSALS.labels(error.code).inc()
    return {"error": {**error.as_json(), "request_id": request_id.get()}}


def refusal_response(error: ChatError) -> HttpResponse:
    body = orjson.dumps(refusal_json(error), default=str)
    return HttpResponse(body, status=error.status, content_type="application/json", headers=error.headers)
