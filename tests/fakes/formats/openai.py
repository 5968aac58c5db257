"""Chat completions."""

from itertools import zip_longest
from typing import Any

from tests.fakes.formats.wire import RAW_WORDS, Wire, data, fragments
from tests.fakes.script import Script, ToolCall


def wire(model: str, script: Script) -> Wire:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return data({**_head(model), "choices": [choice]})

    head = chunk({"role": "assistant", "content": ""})
    if script.reasoning:
        head += chunk({"reasoning_content": script.reasoning})
    called = b"".join(chunk({"tool_calls": [delta]}) for delta in _tool_deltas(script))
    finish = script.finish or ("tool_calls" if script.tools else "stop")
    tail = called + chunk({}, finish) + _usage(model, script) + b"data: [DONE]\n\n"
    pieces = [chunk({"content": piece}) for piece in script.deltas()]
    return Wire(head, pieces, tail, data({"error": {"message": RAW_WORDS, "type": "fake", "code": 503}}))


def _tool_deltas(script: Script) -> list[dict[str, Any]]:
    """One call after the other; interleaved, a piece of each in turn."""
    calls = [_call_deltas(index, call, script) for index, call in enumerate(script.tools)]
    if script.interleaved:
        return [delta for row in zip_longest(*calls) for delta in row if delta]
    return [delta for call in calls for delta in call]


def _call_deltas(index: int, call: ToolCall, script: Script) -> list[dict[str, Any]]:
    first = {
        "index": index,
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": ""},
    }
    pieces = fragments(call.arguments, script.tool_cut)
    return [first, *({"index": index, "function": {"arguments": piece}} for piece in pieces)]


def _head(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}


def _usage(model: str, script: Script) -> bytes:
    if script.usage is None:
        return b""
    return data({**_head(model), "choices": [], "usage": usage(script)})


def usage(script: Script) -> dict[str, Any]:
    told = dict(script.usage or {})
    counts = {"prompt_tokens": told.pop("input", 0), "completion_tokens": told.pop("output", 0)}
    return {**counts, "total_tokens": sum(counts.values()), **told}


def answer(model: str, script: Script) -> dict[str, Any]:
    """The whole answer of a request that asked for no stream."""
    message = {"role": "assistant", "content": script.text}
    choice = {"index": 0, "message": message, "finish_reason": script.finish or "stop"}
    head = {**_head(model), "object": "chat.completion"}
    return {**head, "choices": [choice], "usage": usage(script)}
