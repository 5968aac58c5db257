"""The parts of a message: pure values, stored and sent as JSON objects with a `type`."""

from collections.abc import Iterable
from typing import Any, TypeAlias

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


class SourcePart(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="source"
):
    id: str
    url: str = ""
    title: str = ""


class DataPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="data"):
    name: str
    value: Any = None


Part: TypeAlias = TextPart | ReasoningPart | SourcePart | DataPart
Parts: TypeAlias = tuple[Part, ...]


def parts_from_json(value: Any) -> Parts:
    """Parts from decoded JSON (a list of objects). Raises msgspec.ValidationError that names the place."""
    return msgspec.convert(value, Parts)


def parts_to_json(parts: Parts) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = msgspec.to_builtins(parts)
    return list(plain)


def text_of(parts: Iterable[Part]) -> str:
    """The visible text: all text parts, joined as they come."""
    return "".join(part.text for part in parts if isinstance(part, TextPart))
