"""A `message` as the events of a stream."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from providers.adapters.decoding import objects, text
from providers.adapters.wholes import Told


def events_of(whole: Mapping[str, Any]) -> Iterator[Told]:
    if whole.get("error"):
        yield _told("error", error=whole["error"])
    if whole.get("type") != "message":
        return
    begun = {**whole, "content": [], "stop_reason": None, "stop_sequence": None}
    yield _told("message_start", message=begun)
    for index, block in enumerate(objects(whole.get("content"))):
        yield _told("content_block_start", index=index, content_block=_begun(block))
        for delta in _deltas(block):
            yield _told("content_block_delta", index=index, delta=delta)
        yield _told("content_block_stop", index=index)
    ended = {name: whole.get(name) for name in ("stop_reason", "stop_sequence")}
    yield _told("message_delta", delta=ended, usage=whole.get("usage"))
    yield _told("message_stop")


def _begun(block: dict[str, Any]) -> dict[str, Any]:
    """What comes in pieces is empty at its start."""
    empty = {"text": "", "thinking": "", "signature": "", "input": {}}
    kept = {name: value for name, value in block.items() if name != "citations"}
    return {**kept, **{name: value for name, value in empty.items() if name in block}}


def _deltas(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, name in (("text", "text"), ("thinking", "thinking"), ("signature", "signature")):
        if text(block.get(name)):
            yield {"type": f"{kind}_delta", name: block[name]}
    if block.get("input"):
        yield {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    for citation in objects(block.get("citations")):
        yield {"type": "citations_delta", "citation": citation}


def _told(kind: str, **fields: Any) -> Told:
    return kind, {"type": kind, **fields}
