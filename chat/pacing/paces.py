"""How an answer's text is cut before it is shown. Pure: no I/O, and the clock is told.

Concatenated text is the same in every pace, each part's events stay in their order, and no pace cuts inside a
character as people see it (a grapheme cluster).
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import regex
from msgspec import Struct
from msgspec.structs import replace

from chat.dialects.ordering import part_of
from providers import events
from providers.events import Delta, RunEvent

STANDARD: Final = "standard"
BUFFER_SIZE: Final = 1024  # bytes
FLUSH_INTERVAL: Final = 0.1  # seconds
CHUNK_SIZE: Final = 64  # characters
MOST_HELD: Final = 4096  # characters that may wait for the end of a word, sentence or paragraph
_CLUSTER: Final = regex.compile(r"\X")
CUTS: Final = {
    "word": regex.compile(r"\S*\s+"),
    "sentence": regex.compile(r"(?s).*?(?:[.!?]+\s+|[。！？]+\s*|\n+)"),
    "paragraph": regex.compile(r"(?s).*?\n\n+"),
}


class Pace(Protocol):
    """`feed` takes an event and gives those that may be shown now; `due` is when `flush` wants to be called
    (seconds on the clock of `now`), None for never. An event that is no delta lets all go that it follows."""

    @property
    def due(self) -> float | None: ...

    def feed(self, event: RunEvent, now: float) -> list[RunEvent]: ...

    def flush(self) -> list[RunEvent]: ...


class Standard:
    """As it comes."""

    due = None

    def feed(self, event: RunEvent, now: float) -> list[RunEvent]:
        return [event]

    def flush(self) -> list[RunEvent]:
        return []


class Buffered:
    """Text is held until `size` bytes or `interval` seconds have come together, whichever is first."""

    def __init__(self, size: int = BUFFER_SIZE, interval: float = FLUSH_INTERVAL) -> None:
        self.due: float | None = None
        self._size = size
        self._interval = interval
        self._held: list[Any] = []
        self._bytes = 0

    def feed(self, event: RunEvent, now: float) -> list[RunEvent]:
        if not isinstance(event, Delta):
            return [*self.flush(), event]
        changes = bool(self._held) and not _same_part(self._held[-1], event)
        before = self.flush() if changes else []
        self._held.append(event)
        self._bytes += len(event.delta.encode())
        self.due = self.due if self.due is not None else now + self._interval
        return [*before, *(self.flush() if self._bytes >= self._size else [])]

    def flush(self) -> list[RunEvent]:
        held, self._held, self._bytes, self.due = self._held, [], 0, None
        if not held:
            return []
        return [replace(held[0], delta="".join(event.delta for event in held))]


class Chunked:
    """Text is cut anew: at `size` characters, or after each word, sentence or paragraph."""

    due = None

    def __init__(self, size: int = CHUNK_SIZE, by: str = "") -> None:
        self._size = size
        self._pattern = CUTS.get(by)
        self._held: Any = None

    def feed(self, event: RunEvent, now: float) -> list[RunEvent]:
        if not isinstance(event, Delta):
            return [*self.flush(), event]
        changes = self._held is not None and not _same_part(self._held, event)
        before = self.flush() if changes else []
        text = (self._held.delta if self._held is not None else "") + event.delta
        pieces, rest = self._cut(text)
        self._held = replace(event, delta=rest) if rest else None
        return [*before, *(replace(event, delta=piece) for piece in pieces)]

    def flush(self) -> list[RunEvent]:
        held, self._held = self._held, None
        return [] if held is None else [held]

    def _cut(self, text: str) -> tuple[list[str], str]:
        """Whole pieces, and the rest. The last cluster may go on with what comes next, so it stays."""
        pieces = _matched(text, self._pattern) if self._pattern else _sized(text, self._size)
        if pieces and sum(map(len, pieces)) == len(text):
            pieces.pop()
        return pieces, text[sum(map(len, pieces)) :]


def _matched(text: str, pattern: "regex.Pattern[str]") -> list[str]:
    """Pieces that end as the pattern does, but with the cluster; without an end for long, by size."""
    pieces, at = [], 0
    while found := pattern.match(text, at):
        last = _CLUSTER.match(text, found.end() - 1)
        end = last.end() if last else found.end()
        pieces.append(text[at:end])
        at = end
    return [*pieces, *_sized(text[at:], MOST_HELD)]


def _sized(text: str, size: int) -> list[str]:
    """Pieces of `size` clusters; what is less stays."""
    clusters = _CLUSTER.findall(text)
    whole = len(clusters) // size * size
    return ["".join(clusters[i : i + size]) for i in range(0, whole, size)]


def _same_part(one: RunEvent, other: RunEvent) -> bool:
    return type(one) is type(other) and part_of(one) == part_of(other)


# --- where more waits than can be shown ---------------------------------------------------


class Backlog:
    """What waits for a slow reader, the urgent first: errors, tools, status, then text. Within a part, and
    among what belongs to the run as a whole, the order stays; the run's end comes last."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[RunEvent]] = {}

    def put(self, event: RunEvent) -> None:
        key = part_of(event) or ("end" if isinstance(event, events.RunEnd) else "run")
        self._waiting.setdefault(key, deque()).append(event)

    def take(self) -> RunEvent | None:
        """The next one to show, None where nothing waits."""
        heads = [(_rank(key, queue[0]), key) for key, queue in self._waiting.items()]
        if not heads:
            return None
        key = min(heads, key=lambda head: head[0])[1]
        event = self._waiting[key].popleft()
        if not self._waiting[key]:
            del self._waiting[key]
        return event


def _rank(key: str, event: RunEvent) -> int:
    if key == "end":
        return 4
    if isinstance(event, events.ToolOutputError):
        return 0
    if isinstance(event, events.ToolEvent):
        return 1
    return 2 if key == "run" else 3


def prioritised(waiting: Iterable[RunEvent]) -> list[RunEvent]:
    """What waits, in the order in which it is shown."""
    backlog = Backlog()
    for event in waiting:
        backlog.put(event)
    return list(iter(backlog.take, None))


# --- by name ------------------------------------------------------------------------------


class Settings(Struct, frozen=True, kw_only=True):
    """What a caller may set of a pace; `chunk_by` is word, sentence or paragraph, or empty for a size."""

    buffer_size: int = BUFFER_SIZE
    flush_interval: float = FLUSH_INTERVAL
    chunk_size: int = CHUNK_SIZE
    chunk_by: str = ""


Maker = Callable[[Settings], Pace]

BUILT_IN: Final[dict[str, Maker]] = {
    STANDARD: lambda settings: Standard(),
    "buffered": lambda settings: Buffered(settings.buffer_size, settings.flush_interval),
    "chunked": lambda settings: Chunked(settings.chunk_size, settings.chunk_by),
}
