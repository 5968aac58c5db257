"""A conversation as the `messages` of the API."""

import hashlib
import re
from itertools import groupby
from typing import Any, Final

from providers.adapters.anthropic.seal import unsealed
from providers.adapters.turns import Turn, inlined, input_of, result_text, turns
from providers.contract import ChatRequest
from providers.parts import (
    FilePart,
    ImagePart,
    MediaPart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    text_of,
)

CALL_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PDF: Final = "application/pdf"
IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def system(request: ChatRequest) -> dict[str, str]:
    """The API has no system messages among the others: all of them go into the one at the top."""
    told = [request.system, *(text_of(m.parts) for m in request.messages if m.role == "system")]
    joined = "\n\n".join(filter(None, told))
    return {"system": joined} if joined else {}


def messages(request: ChatRequest, *, cites: bool = False) -> list[dict[str, Any]]:
    """`cites` asks for citations of the documents. Neighbours of one role are joined, because not every
    server of this API takes them apart; results of tools are said by the user here."""
    spoken = [turn for turn in turns(request) if turn.role != "system"]
    grouped = groupby(spoken, key=lambda turn: "assistant" if turn.role == "assistant" else "user")
    said = [(role, [block for turn in group for block in _blocks(turn)]) for role, group in grouped]
    if cites:
        for block in (block for _, blocks in said for block in blocks if block["type"] == "document"):
            block["citations"] = {"enabled": True}
    return [{"role": role, "content": blocks} for role, blocks in said if blocks]


def documents(request: ChatRequest) -> list[FilePart]:
    """Those of the request, in the order in which the API counts them."""
    parts = (part for message in request.messages if message.role == "user" for part in message.parts)
    return [part for part in parts if isinstance(part, FilePart) and part.media_type == PDF and _media(part)]


def _blocks(turn: Turn) -> list[dict[str, Any]]:
    """A turn that is nothing but reasoning is none."""
    blocks = [block for part in turn.parts if (block := _block(part, turn.role))]
    return blocks if any(block["type"] not in ("thinking", "redacted_thinking") for block in blocks) else []


def _block(part: Part, role: str) -> dict[str, Any] | None:
    match part:
        case TextPart(text=text):
            return _text(text)
        case ReasoningPart():
            return unsealed(part)
        case ToolCallPart():
            return {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": input_of(part)}
        case ToolResultPart():
            failed = {"is_error": True} if part.error or part.code else {}
            content = result_text(part) or "(nothing)"
            return {"type": "tool_result", "tool_use_id": _id(part.id), "content": content, **failed}
        case _ if isinstance(part, MediaPart):
            return (_media(part) if role == "user" else None) or _text(inlined(part))
        case _:
            return None


def _text(text: str) -> dict[str, Any] | None:
    return {"type": "text", "text": text} if text.strip() else None


def _media(part: MediaPart) -> dict[str, Any] | None:
    match part:
        case ImagePart(media_type=kind) if kind in IMAGES or part.url:
            return _sourced("image", part)
        case FilePart(media_type=kind) if kind == PDF:
            named = {"title": part.name} if part.name else {}
            block = _sourced("document", part)
            return {**block, **named} if block else None
        case _:
            return None


def _sourced(kind: str, part: MediaPart) -> dict[str, Any] | None:
    if part.data:
        source = {"type": "base64", "media_type": part.media_type, "data": part.data}
        return {"type": kind, "source": source}
    return {"type": kind, "source": {"type": "url", "url": part.url}} if part.url else None


def _id(call_id: str) -> str:
    """The ids of other vendors' calls may have signs that this API refuses."""
    if CALL_ID.fullmatch(call_id):
        return call_id
    return f"call_{hashlib.sha256(call_id.encode()).hexdigest()[:32]}"
