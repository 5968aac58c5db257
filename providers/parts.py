"""The parts of a message: pure values, stored and sent as JSON objects with a `type`."""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import msgspec


class TextPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="text"):
    text: str = ""
    id: str = ""
    open: bool = False  # more is still to come


class ReasoningPart(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="reasoning"
):
    text: str = ""
    id: str = ""
    open: bool = False
    signature: str = ""


class ToolCallPart(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="tool-call"
):
    """`arguments` is JSON text as the model wrote it; `error` says why it cannot be read as such."""

    id: str
    name: str
    arguments: str = ""
    executor: str = "server"  # or client, provider
    approval: str = ""  # requested, approve or reject
    error: str = ""
    open: bool = False


class ToolResultPart(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="tool-result"
):
    """The answer to the call of the same id: an output, or an error with a code."""

    id: str
    output: Any = None
    code: str = ""
    error: str = ""
    duration_ms: int | None = None
    preliminary: bool = False


class _MediaPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """One of `file_id` (stored here), `url` and `data` (base64, never stored) says where the bytes are."""

    media_type: str = ""
    file_id: str = ""
    url: str = ""
    data: str = ""
    name: str = ""


class ImagePart(_MediaPart, frozen=True, kw_only=True, tag="image"):
    detail: str = ""


class AudioPart(_MediaPart, frozen=True, kw_only=True, tag="audio"):
    pass


class VideoPart(_MediaPart, frozen=True, kw_only=True, tag="video"):
    pass


class FilePart(_MediaPart, frozen=True, kw_only=True, tag="file"):
    pass


class SourcePart(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="source"
):
    """As the event `source` tells it (providers/media_events.py)."""

    id: str
    url: str = ""
    title: str = ""
    file_id: str = ""
    place: str = ""
    quote: str = ""
    part_id: str = ""
    start: int | None = None
    end: int | None = None


class DataPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="data"):
    name: str
    value: Any = None


MediaPart: TypeAlias = ImagePart | AudioPart | VideoPart | FilePart
Part: TypeAlias = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | MediaPart | SourcePart | DataPart
Parts: TypeAlias = tuple[Part, ...]


def parts_from_json(value: Any) -> Parts:
    """Parts from decoded JSON (a list of objects). Raises msgspec.ValidationError that names the place."""
    return msgspec.convert(value, Parts)


def parts_to_json(parts: Parts) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = msgspec.to_builtins(parts)
    return list(plain)


def media_part(media_type: str) -> type[ImagePart] | type[AudioPart] | type[VideoPart] | type[FilePart]:
    """The kind of part for a media type such as `image/png`."""
    return _BY_FAMILY.get(media_type.partition("/")[0], FilePart)


_BY_FAMILY: Final[dict[str, type[ImagePart] | type[AudioPart] | type[VideoPart]]] = {
    "image": ImagePart,
    "audio": AudioPart,
    "video": VideoPart,
}


def text_of(parts: Iterable[Part]) -> str:
    """The visible text: all text parts, joined as they come."""
    return "".join(part.text for part in parts if isinstance(part, TextPart))
