"""A `response` as the events of a stream."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from providers.adapters.decoding import objects, text
from providers.adapters.wholes import Told

_ENDS: Final = ("completed", "incomplete", "failed")


def events_of(whole: Mapping[str, Any]) -> Iterator[Told]:
    if not objects(whole.get("output")) and whole.get("error"):
        yield _told("error", error=whole["error"])
        return
    for item in objects(whole.get("output")):
        for part in (*objects(item.get("summary")), *objects(item.get("content"))):
            yield from _part(item, part)
        yield _told("response.output_item.done", item=item)
    status = text(whole.get("status"))
    if status in _ENDS:
        yield _told(f"response.{status}", response=whole)


def _part(item: dict[str, Any], part: dict[str, Any]) -> Iterator[Told]:
    thinks = item.get("type") == "reasoning"
    kind = "reasoning_text" if thinks else "output_text"
    yield _told(f"response.{kind}.delta", delta=text(part.get("text")) or text(part.get("refusal")))
    for annotation in objects(part.get("annotations")):
        yield _told("response.output_text.annotation.added", annotation=annotation)


def _told(kind: str, **fields: Any) -> Told:
    return kind, {"type": kind, **fields}
