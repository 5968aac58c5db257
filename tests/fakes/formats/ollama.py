"""Ollama's own API: a line of JSON per piece. Calls come whole."""

import json
from typing import Any

from tests.fakes.formats.wire import RAW_WORDS, Wire, encoded
from tests.fakes.script import Script


def wire(model: str, script: Script) -> Wire:
    def line(message: dict[str, Any], **more: Any) -> bytes:
        said = {"role": "assistant", "content": "", **message}
        return encoded({"model": model, "message": said, "done": False, **more}) + b"\n"

    head = line({"thinking": script.reasoning}) if script.reasoning else b""
    calls = [{"function": {"name": c.name, "arguments": _object(c.arguments)}} for c in script.tools]
    tail = line({"tool_calls": calls}) if calls else b""
    tail += line({}, done=True, done_reason=script.finish or "stop", **_counts(script))
    pieces = [line({"content": piece}) for piece in script.deltas()]
    return Wire(head, pieces, tail, encoded({"error": RAW_WORDS}) + b"\n")


def _object(arguments: str) -> Any:
    try:
        return json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return arguments


def _counts(script: Script) -> dict[str, Any]:
    if script.usage is None:
        return {}
    told = dict(script.usage)
    return {"prompt_eval_count": told.get("input", 0), "eval_count": told.get("output", 0)}
