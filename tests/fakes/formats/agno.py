"""Agno's AgentOS. The agent runs its tools itself; here they all give back `done`."""

import json
from typing import Any

from tests.fakes.formats.wire import RAW_WORDS, Wire, data
from tests.fakes.script import Script, ToolCall


def wire(model: str, script: Script) -> Wire:
    def event(name: str, **fields: Any) -> bytes:
        whole = {"event": name, "agent_id": model, "run_id": "run_1", "created_at": 1, **fields}
        return f"event: {name}\n".encode() + data(whole)

    head = event("RunStarted", model="m", model_provider="p")
    if script.reasoning:
        head += event("RunContent", content="", reasoning_content=script.reasoning)
    tail = b"".join(
        event("ToolCallStarted", tool=_tool(call)) + event("ToolCallCompleted", tool=_tool(call, "done"))
        for call in script.tools
    )
    metrics = {} if script.usage is None else {"metrics": _metrics(script)}
    tail += event("RunContentCompleted") + event("RunCompleted", content=script.text, **metrics)
    pieces = [event("RunContent", content=piece, content_type="str") for piece in script.deltas()]
    failed = event("RunError", content=RAW_WORDS, error_type="model_provider_error", error_id="x")
    return Wire(head, pieces, tail, failed)


def _tool(call: ToolCall, result: str | None = None) -> dict[str, Any]:
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        given = {}
    return {"tool_call_id": call.id, "tool_name": call.name, "tool_args": given, "result": result}


def _metrics(script: Script) -> dict[str, Any]:
    told = dict(script.usage or {})
    return {"input_tokens": told.pop("input", 0), "output_tokens": told.pop("output", 0), **told}
