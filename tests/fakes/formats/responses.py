"""OpenAI's responses API."""

from typing import Any

from tests.fakes.formats.wire import RAW_WORDS, Wire, event, fragments
from tests.fakes.script import Script, ToolCall

_INCOMPLETE = {"length": "max_output_tokens", "max_tokens": "max_output_tokens"}


def wire(model: str, script: Script) -> Wire:
    head = event("response.created", response=_response(model, "in_progress", script)) + _reasoning(script)
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    head += event("response.output_item.added", output_index=1, item=item)
    place = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    pieces = [event("response.output_text.delta", **place, delta=piece) for piece in script.deltas()]
    tail = event("response.output_item.done", output_index=1, item=item)
    tail += b"".join(_call(index, call, script) for index, call in enumerate(script.tools, 2))
    failed = {**_response(model, "failed", script), "error": {"code": "server_error", "message": RAW_WORDS}}
    return Wire(head, pieces, tail + _end(model, script), event("response.failed", response=failed))


def _end(model: str, script: Script) -> bytes:
    word = script.finish
    if not word or word in ("stop", "completed"):
        return event("response.completed", response=_response(model, "completed", script))
    details = {"reason": _INCOMPLETE.get(word, word)}
    response = {**_response(model, "incomplete", script), "incomplete_details": details}
    return event("response.incomplete", response=response)


def _response(model: str, status: str, script: Script) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "model": model, "status": status, "usage": _usage(script)}


def _usage(script: Script) -> dict[str, Any] | None:
    if script.usage is None:
        return None
    told = dict(script.usage)
    return {"input_tokens": told.pop("input", 0), "output_tokens": told.pop("output", 0), **told}


def _reasoning(script: Script) -> bytes:
    if not script.reasoning:
        return b""
    item = {"type": "reasoning", "id": "rs_1", "summary": []}
    place = {"item_id": "rs_1", "output_index": 0, "summary_index": 0}
    return (
        event("response.output_item.added", output_index=0, item=item)
        + event("response.reasoning_summary_text.delta", **place, delta=script.reasoning)
        + event("response.output_item.done", item={**item, "encrypted_content": script.signature})
    )


def _call(index: int, call: ToolCall, script: Script) -> bytes:
    item = {"type": "function_call", "id": f"fc_{index}", "call_id": call.id, "name": call.name}
    place = {"item_id": item["id"], "output_index": index}
    pieces = (
        event("response.function_call_arguments.delta", **place, delta=piece)
        for piece in fragments(call.arguments, script.tool_cut)
    )
    added = event("response.output_item.added", output_index=index, item={**item, "arguments": ""})
    whole = {**item, "arguments": call.arguments}
    return added + b"".join(pieces) + event("response.output_item.done", output_index=index, item=whole)
