"""A script as the bytes of both vendors' streams: the part before the text, one event per piece, the end."""

import json
from dataclasses import dataclass
from typing import Any

from tests.fakes.script import Script


@dataclass(frozen=True, slots=True)
class Wire:
    """`head` and `tail` are written in one piece each, `pieces` at the script's rate."""

    head: bytes
    pieces: list[bytes]
    tail: bytes


def wire_for(path: str, model: str, script: Script) -> Wire:
    return _anthropic(model, script) if path.endswith("/messages") else _openai(model, script)


def _openai(model: str, script: Script) -> Wire:
    def chunk(delta: dict[str, Any], **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": more.pop("finish", None)}
        return _data({**_chunk_head(model), "choices": [choice], **more})

    head = chunk({"role": "assistant", "content": ""})
    if script.reasoning:
        head += chunk({"reasoning_content": script.reasoning})
    tail = chunk({}, finish=script.finish or "stop") + _openai_usage(model, script) + b"data: [DONE]\n\n"
    return Wire(head, [chunk({"content": piece}) for piece in script.deltas()], tail)


def _chunk_head(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}


def _openai_usage(model: str, script: Script) -> bytes:
    if script.usage is None:
        return b""
    return _data({**_chunk_head(model), "choices": [], "usage": openai_usage(script)})


def openai_usage(script: Script) -> dict[str, Any]:
    usage = dict(script.usage or {})
    counts = {"prompt_tokens": usage.pop("input", 0), "completion_tokens": usage.pop("output", 0)}
    return {**counts, "total_tokens": sum(counts.values()), **usage}


def _anthropic(model: str, script: Script) -> Wire:
    usage = dict(script.usage or {})
    counted = {"input_tokens": usage.pop("input", 0), "output_tokens": 1, **usage}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": model}
    head = _event("message_start", message={**message, "stop_reason": None, "usage": counted})
    head += _thinking(script) + _event("ping")
    block = {"index": 1 if script.reasoning else 0}
    head += _event("content_block_start", **block, content_block={"type": "text", "text": ""})
    tail = _event("content_block_stop", **block) + _stop(script) + _event("message_stop")
    return Wire(head, [_block_delta(block["index"], "text", piece) for piece in script.deltas()], tail)


def _stop(script: Script) -> bytes:
    delta = {"stop_reason": script.finish or "end_turn", "stop_sequence": None}
    output = dict(script.usage or {}).get("output", 0)
    return _event("message_delta", delta=delta, usage={"output_tokens": output})


def _thinking(script: Script) -> bytes:
    if not script.reasoning:
        return b""
    start = {"type": "thinking", "thinking": "", "signature": ""}
    return (
        _event("content_block_start", index=0, content_block=start)
        + _block_delta(0, "thinking", script.reasoning)
        + _block_delta(0, "signature", script.signature)
        + _event("content_block_stop", index=0)
    )


def _block_delta(index: int, kind: str, value: str) -> bytes:
    return _event("content_block_delta", index=index, delta={"type": f"{kind}_delta", kind: value})


def _event(name: str, **fields: Any) -> bytes:
    return f"event: {name}\n".encode() + _data({"type": name, **fields})


def _data(value: dict[str, Any]) -> bytes:
    """Raw UTF-8, so that cuts can fall inside a character; a lone surrogate is written as an escape."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        return f"data: {text}\n\n".encode()
    except UnicodeEncodeError:
        return f"data: {json.dumps(value)}\n\n".encode()
