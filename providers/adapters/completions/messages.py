"""A conversation as the `messages` of a chat completion."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from providers.adapters.turns import Turn, arguments_of, data_url, inlined, result_text, turns
from providers.contract import ChatRequest
from providers.parts import (
    AudioPart,
    FilePart,
    ImagePart,
    MediaPart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    VideoPart,
    text_of,
)

NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
AUDIO_FORMATS: Final = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}


def messages(request: ChatRequest, *, reasoning_field: str = "", video: bool = False) -> list[dict[str, Any]]:
    """`reasoning_field` is where a server wants the reasoning of a tool call's turn back, empty for nowhere;
    `video` says that it takes `video_url`, which the vendor does not."""
    system = [{"role": "system", "content": request.system}] if request.system else []
    return system + [m for turn in turns(request) for m in _messages(turn, reasoning_field, video)]


def _messages(turn: Turn, reasoning_field: str, video: bool) -> Iterable[dict[str, Any]]:
    if turn.role == "tool":
        return [
            {"role": "tool", "tool_call_id": result.id, "content": result_text(result)}
            for result in turn.results
        ]
    named = {"name": turn.name} if NAME.fullmatch(turn.name) else {}
    if turn.role == "assistant":
        return [{"role": "assistant", **_said(turn, reasoning_field), **named}]
    if turn.role == "user":
        return [{"role": "user", "content": _content(turn.parts, video), **named}]
    return [{"role": turn.role, "content": text_of(turn.parts), **named}]


def _said(turn: Turn, reasoning_field: str) -> dict[str, Any]:
    words = "".join(_words(part) for part in turn.parts)
    said: dict[str, Any] = {"content": words or None}
    if not turn.calls:
        return said
    thoughts = "".join(part.text for part in turn.parts if isinstance(part, ReasoningPart))
    if reasoning_field and thoughts:
        said[reasoning_field] = thoughts
    return {**said, "tool_calls": [_call(call) for call in turn.calls]}


def _words(part: Part) -> str:
    """The vendor takes no media from the assistant's side."""
    if isinstance(part, MediaPart):
        return inlined(part)
    return part.text if isinstance(part, TextPart) else ""


def _call(call: ToolCallPart) -> dict[str, Any]:
    function = {"name": call.name, "arguments": arguments_of(call)}
    return {"id": call.id, "type": "function", "function": function}


def _content(parts: Iterable[Part], video: bool) -> str | list[dict[str, Any]]:
    """Plain text as a string: not every server takes a list."""
    blocks = [_block(part, video) for part in parts]
    if all(block["type"] == "text" for block in blocks):
        return "".join(block["text"] for block in blocks)
    return blocks


def _block(part: Part, video: bool) -> dict[str, Any]:
    if isinstance(part, VideoPart) and not video:
        return _text(inlined(part))
    make = _BLOCKS.get(type(part))
    block = make(part) if make else None
    if block is None:
        return _text(inlined(part) if isinstance(part, MediaPart) else getattr(part, "text", ""))
    return block


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def _image(part: ImagePart) -> dict[str, Any] | None:
    url = data_url(part)
    detail = {"detail": part.detail} if part.detail else {}
    return {"type": "image_url", "image_url": {"url": url, **detail}} if url else None


def _audio(part: AudioPart) -> dict[str, Any] | None:
    form = AUDIO_FORMATS.get(part.media_type)
    audio = {"data": part.data, "format": form}
    return {"type": "input_audio", "input_audio": audio} if part.data and form else None


def _video(part: VideoPart) -> dict[str, Any] | None:
    url = data_url(part)
    return {"type": "video_url", "video_url": {"url": url}} if url else None


def _file(part: FilePart) -> dict[str, Any] | None:
    """The vendor reads PDF; the words of a text file are given as words, which every server takes."""
    if part.media_type != "application/pdf" or not part.data:
        return None
    file = {"filename": part.name or "file.pdf", "file_data": data_url(part)}
    return {"type": "file", "file": file}


_BLOCKS: Final[dict[type, Callable[[Any], dict[str, Any] | None]]] = {
    ImagePart: _image,
    AudioPart: _audio,
    VideoPart: _video,
    FilePart: _file,
}
