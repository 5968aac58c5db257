"""An answer in one piece where a stream was asked for, as some proxies give it: made the stream that it
stands for, so that the same wire reads both.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

from providers.errors import StreamBroken
from providers.sse import MAX_EVENT

Told: TypeAlias = tuple[str, Mapping[str, Any] | str]  # an event's name, which may be empty, and its data


@runtime_checkable
class Unfolding(Protocol):
    """A wire that knows the whole answer of its format."""

    def unfolded(self, whole: Mapping[str, Any]) -> Iterable[Told]:
        """The events of a stream that says the same."""


async def as_stream(chunks: AsyncIterator[bytes], wire: Unfolding) -> AsyncIterator[bytes]:
    """The same bytes, unless they are one JSON object: no stream of events begins like one. Raises
    StreamBroken."""
    begin = b""
    async for chunk in chunks:
        begin += chunk
        if begin.strip():
            break
    if begin.lstrip().startswith(b"{"):
        for name, data in wire.unfolded(_object(await _all(begin, chunks))):
            yield _frame(name, data)
        return
    yield begin
    async for chunk in chunks:
        yield chunk


async def with_last_line(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines of JSON, the last one with the end that a single one comes without."""
    async for chunk in chunks:
        yield chunk
    yield b"\n"


async def _all(begin: bytes, chunks: AsyncIterator[bytes]) -> bytes:
    pieces, size = [begin], len(begin)
    async for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > MAX_EVENT:
            raise StreamBroken(detail=f"an answer in one piece of more than {MAX_EVENT} bytes")
    return b"".join(pieces)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise StreamBroken(detail=f"no stream and no JSON: {body[:500]!r}") from error
    return value if isinstance(value, dict) else {}


def _frame(name: str, data: Mapping[str, Any] | str) -> bytes:
    said = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "").encode() + f"data: {said}\n\n".encode()
