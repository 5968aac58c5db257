"""What other programs' exports have in common: messages with names of their own, in a tree that also holds
what nobody said."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from chat.carrying.conversation import Conversation, Said


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """`said` is None for what is passed over: who follows it follows the one before it."""

    key: str
    parent: str | None
    said: Said | None


def conversation_of(title: str, nodes: Iterable[Node], leaf: str | None) -> Conversation:
    """Numbered, parents first, in the order of the nodes otherwise. A parent that is missing, or that comes
    round in a circle, is none."""
    known = {node.key: node for node in nodes}
    numbers: dict[str, int | None] = {}
    messages: list[Said] = []
    for key in known:
        for node in reversed(_unnumbered(key, known, numbers)):
            parent = numbers.get(node.parent) if node.parent else None
            if node.said is None:
                numbers[node.key] = parent
                continue
            messages.append(msgspec.structs.replace(node.said, id=len(messages) + 1, parent=parent))
            numbers[node.key] = len(messages)
    stands = numbers.get(leaf) if leaf else None
    return Conversation(title=title[:200], messages=tuple(messages), leaf=stands or len(messages) or None)


def time_of(value: Any) -> datetime | None:
    """Of seconds or milliseconds since 1970, or of ISO 8601; None for anything else."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _unnumbered(key: str, known: Mapping[str, Node], numbers: Mapping[str, Any]) -> list[Node]:
    """The node and those above it that have no number yet, from below."""
    way: dict[str, Node] = {}
    at: str | None = key
    while at is not None and at in known and at not in numbers and at not in way:
        way[at] = known[at]
        at = known[at].parent
    return list(way.values())
