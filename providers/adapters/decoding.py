"""A vendor's JSON as typed values, read tolerantly: what no reader could do with is left, what is broken is
said so."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from providers.contract import ModelInfo
from providers.errors import StreamBroken

Span: TypeAlias = tuple[int, int] | tuple[None, None]

_T = TypeVar("_T")
_MOST_TOKENS: Final = 10**12  # a count above it is a fault of the vendor's


def decode(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    """Raises StreamBroken. Half a surrogate pair and invalid UTF-8, which strict readers refuse, get by."""
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_loosely(decoder, data)


def _decode_loosely(decoder: msgspec.json.Decoder[_T], data: bytes) -> _T:
    try:
        value: _T = msgspec.convert(json.loads(data.decode("utf-8", "replace")), decoder.type)
    except (ValueError, RecursionError) as error:
        raise StreamBroken(detail=f"{error}: {data[:500]!r}") from error
    return value


def text(value: Any) -> str:
    """A field that should be a string, where some vendors send null, objects or lists."""
    return value if isinstance(value, str) else ""


def objects(value: Any) -> list[dict[str, Any]]:
    """Those of a list's items that are objects."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def span(fields: Mapping[str, Any], start: str = "start_index", end: str = "end_index") -> Span:
    """The place that a citation names; None and None where it is no place."""
    first, last = fields.get(start), fields.get(end)
    if isinstance(first, int) and isinstance(last, int) and 0 <= first <= last <= _MOST_TOKENS:
        return first, last
    return None, None


def count(value: int | float | None) -> int:
    return min(max(int(value or 0), 0), _MOST_TOKENS)


class _Listed(msgspec.Struct):
    id: str
    display_name: Any = None
    context_length: Any = None
    context_window: Any = None
    max_model_len: Any = None
    max_input_tokens: Any = None

    def info(self) -> ModelInfo:
        sizes = (self.context_length, self.context_window, self.max_model_len, self.max_input_tokens)
        size = next((size for size in sizes if isinstance(size, int)), 0)
        return ModelInfo(id=self.id, label=text(self.display_name), context_length=count(size))


class _Listing(msgspec.Struct):
    data: list[_Listed]


_listing = msgspec.json.Decoder(_Listing)


def listed_models(body: bytes) -> list[ModelInfo]:
    """The models of a `{"data": [{"id", …}]}` body, by name. Raises StreamBroken."""
    return sorted((listed.info() for listed in decode(_listing, body).data), key=lambda info: info.id)
