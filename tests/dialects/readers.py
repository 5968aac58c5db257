"""What a client of each dialect reads: the text, the reasoning and the calls it would answer, from bytes."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chat.dialects.contract import Context
from chat.dialects.encoding import Encoder
from chat.dialects.registry import dialect_named
from providers.events import RunEvent
from providers.sse import SseDecoder

CONTEXT = Context(
    id="0af1", model="demo/chat", created=1_790_000_000, run_id="run-1", session_id="s-1", message_id="m-1"
)


@dataclass
class Reading:
    text: str = ""
    reasoning: str = ""
    calls: dict[str, str] = field(default_factory=dict)  # those that the client has to answer

    def add_call(self, key: Any, piece: str) -> None:
        self.calls[key] = self.calls.get(key, "") + piece


def encoded(name: str, events: Iterable[RunEvent], **options: Any) -> bytes:
    dialect = dialect_named(name)
    assert dialect
    context = Context(
        **{f: getattr(CONTEXT, f) for f in CONTEXT.__slots__ if f != "options"}, options=options
    )
    encoder = Encoder(dialect(context))
    return b"".join(encoder.encode(event, seq) for seq, event in enumerate(events, 1))


def frames(body: bytes) -> Iterator[Any]:
    for event in SseDecoder().feed(body):
        if event.data != b"[DONE]":
            yield json.loads(event.data)


def read_chat(body: bytes) -> Reading:
    read = Reading()
    for frame in frames(body):
        for choice in frame.get("choices", ()):
            delta = choice["delta"]
            read.text += delta.get("content") or ""
            read.reasoning += delta.get("reasoning_content") or ""
            for call in delta.get("tool_calls", ()):
                read.add_call(call["index"], call["function"]["arguments"])
    return read


def read_anthropic(body: bytes) -> Reading:
    read, calls = Reading(), {}
    for frame in frames(body):
        if frame["type"] == "content_block_start" and frame["content_block"]["type"] == "tool_use":
            calls[frame["index"]] = frame["content_block"]["id"]
            read.add_call(frame["content_block"]["id"], "")
        if frame["type"] == "content_block_delta":
            delta = frame["delta"]
            read.text += delta.get("text", "")
            read.reasoning += delta.get("thinking", "")
            if "partial_json" in delta:
                read.add_call(calls[frame["index"]], delta["partial_json"])
    return read


def read_responses(body: bytes) -> Reading:
    read = Reading()
    for frame in frames(body):
        kind = frame["type"].removeprefix("response.")
        if kind == "output_text.delta":
            read.text += frame["delta"]
        elif kind == "reasoning_summary_text.delta":
            read.reasoning += frame["delta"]
        elif kind == "function_call_arguments.delta":
            read.add_call(frame["item_id"], frame["delta"])
    return read


def read_ai_sdk(body: bytes) -> Reading:
    read, hidden = Reading(), set()
    for frame in frames(body):
        if frame.get("providerExecuted"):
            hidden.add(frame["toolCallId"])
        if frame["type"] == "text-delta":
            read.text += frame["delta"]
        elif frame["type"] == "reasoning-delta":
            read.reasoning += frame["delta"]
        elif frame["type"] == "tool-input-delta" and frame["toolCallId"] not in hidden:
            read.add_call(frame["toolCallId"], frame["inputTextDelta"])
    return read


def read_ag_ui(body: bytes) -> Reading:
    read, pending = Reading(), []
    for frame in frames(body):
        if frame["type"] == "TEXT_MESSAGE_CONTENT":
            read.text += frame["delta"]
        elif frame["type"] == "REASONING_MESSAGE_CONTENT":
            read.reasoning += frame["delta"]
        elif frame["type"] == "TOOL_CALL_ARGS":
            read.add_call(frame["toolCallId"], frame["delta"])
        elif frame["type"] == "RUN_FINISHED":
            pending = frame["outcome"].get("pendingToolCallIds", [])
    read.calls = {key: value for key, value in read.calls.items() if key in pending}
    return read


def read_guide(body: bytes) -> Reading:
    lines = [json.loads(line) for line in body.split(b"\n") if line]
    texts = {kind: [f["content"] for f in lines if f["type"] == kind] for kind in _GUIDE}
    return Reading("".join(texts["text-delta"]), "".join(texts["reasoning-delta"]))


def read_guide_sse(body: bytes) -> Reading:
    return read_guide(b"\n".join(json.dumps(frame).encode() for frame in frames(body)))


def read_agent(body: bytes) -> Reading:
    return Reading("".join(frame["chunk"] for frame in frames(body) if frame["type"] == "content"))


def read_studio(body: bytes) -> Reading:
    chunks = [frame["payload"] for frame in frames(body) if frame["event_type"] == "llm_chunk"]
    texts = {
        k: "".join(c["content"] for c in chunks if c["content_type"] == k) for k in ("text", "reasoning")
    }
    return Reading(**texts)


_GUIDE = ("text-delta", "reasoning-delta")
READERS: dict[str, Callable[[bytes], Reading]] = {
    "openai-chat": read_chat,
    "openai-responses": read_responses,
    "anthropic": read_anthropic,
    "ai-sdk": read_ai_sdk,
    "ag-ui": read_ag_ui,
    "guide-sse": read_guide_sse,
    "guide-ndjson": read_guide,
    "streaming-agent": read_agent,
    "content-studio": read_studio,
    "text": lambda body: Reading(body.decode()),
}
