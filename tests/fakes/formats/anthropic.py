"""Anthropic's messages."""

from tests.fakes.formats.wire import RAW_WORDS, Wire, event, fragments
from tests.fakes.script import Script


def wire(model: str, script: Script) -> Wire:
    usage = dict(script.usage or {})
    counted = {"input_tokens": usage.pop("input", 0), "output_tokens": 1, **usage}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": model}
    told = {} if script.usage is None else {"usage": counted}
    head = event("message_start", message={**message, "stop_reason": None, **told})
    head += _thinking(script) + event("ping")
    index = 1 if script.reasoning else 0
    head += event("content_block_start", index=index, content_block={"type": "text", "text": ""})
    tail = event("content_block_stop", index=index) + _tools(index + 1, script) + _stop(script)
    pieces = [_delta(index, "text", piece) for piece in script.deltas()]
    failure = event("error", error={"type": "overloaded_error", "message": RAW_WORDS})
    return Wire(head, pieces, tail + event("message_stop"), failure)


def _tools(first: int, script: Script) -> bytes:
    blocks = b""
    for index, call in enumerate(script.tools, first):
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        blocks += event("content_block_start", index=index, content_block=block)
        for piece in fragments(call.arguments, script.tool_cut):
            delta = {"type": "input_json_delta", "partial_json": piece}
            blocks += event("content_block_delta", index=index, delta=delta)
        blocks += event("content_block_stop", index=index)
    return blocks


def _stop(script: Script) -> bytes:
    word = script.finish or ("tool_use" if script.tools else "end_turn")
    delta = {"stop_reason": word, "stop_sequence": None}
    if script.usage is None:
        return event("message_delta", delta=delta)
    return event("message_delta", delta=delta, usage={"output_tokens": dict(script.usage).get("output", 0)})


def _thinking(script: Script) -> bytes:
    if not script.reasoning:
        return b""
    start = {"type": "thinking", "thinking": "", "signature": ""}
    return (
        event("content_block_start", index=0, content_block=start)
        + _delta(0, "thinking", script.reasoning)
        + _delta(0, "signature", script.signature)
        + event("content_block_stop", index=0)
    )


def _delta(index: int, kind: str, value: str) -> bytes:
    return event("content_block_delta", index=index, delta={"type": f"{kind}_delta", kind: value})
