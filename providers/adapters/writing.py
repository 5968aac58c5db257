"""An answer that comes in pieces, as well-formed parts: what every adapter writes with.

It opens and closes the parts, joins what came together into one delta, and makes text storable.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from providers.adapters.calls import CallWriter, stored
from providers.adapters.sound import Recording
from providers.adapters.strings import held_back
from providers.adapters.strings import storable as storable
from providers.events import (
    AudioDelta,
    Executor,
    File,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEvent,
    Source,
    TextDelta,
    TextEnd,
    TextStart,
    ToolOutputAvailable,
    ToolOutputError,
)

Kind: TypeAlias = Literal["text", "reasoning"]
PROVIDER_TOOL_FAILED: Final = "tool_failed"
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A source as a vendor cites it (`providers.events.Source`). `start` and `end` count the characters of
    the text part that is open."""

    url: str = ""
    title: str = ""
    file_id: str = ""
    place: str = ""
    quote: str = ""
    start: int | None = None
    end: int | None = None


class PartWriter:
    """Write with `text`, `reasoning`, `call` and so on; `take` gives the events that are due since the last
    take. A change of kind ends the open text or reasoning; tool calls stay open beside it until they are
    closed, and `end` closes all in order. Part ids are `text-1`, `reasoning-1`, `text-2`, …; ids of tool
    calls are the vendor's where these are not in `taken` or told twice."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._due: list[RunEvent] = []
        self._counts: Counter[str] = Counter()
        self._kind: Kind | None = None
        self._part_id = ""
        self._pieces: list[str] = []
        self._signature = ""
        self._calls = CallWriter(taken)
        self._sources: set[Citation] = set()
        self._length = 0  # characters of the open part that were written
        self._recording = Recording()

    @property
    def begun(self) -> bool:
        """Whether anything was written yet."""
        return bool(self._counts)

    def text(self, piece: str) -> None:
        self._write("text", piece)

    def reasoning(self, piece: str) -> None:
        self._write("reasoning", piece)

    def sign(self, signature: str) -> None:
        """The vendor's seal over the reasoning part that is open; opens one where the text is withheld."""
        if self._kind != "reasoning":
            self._open("reasoning")
        self._signature += signature

    def call(self, key: Hashable, *, call_id: str = "", name: str, executor: Executor = "server") -> None:
        """A tool call begins, or tells more of itself; `key` is the vendor's way to name it until it ends."""
        if not self._calls.has(key):
            self._counts["call"] += 1
            self.end_part()
        self._calls.begin(key, call_id, name, executor)

    def arguments(self, key: Hashable, piece: str) -> None:
        self._calls.write(key, piece)

    def has_call(self, key: Hashable) -> bool:
        """Whether a call is open."""
        return self._calls.has(key)

    def arguments_of(self, key: Hashable) -> str:
        """What was written of a call that is open."""
        return self._calls.arguments(key)

    def end_call(self, key: Hashable) -> str:
        """The arguments are complete. Gives our id of the call, empty if it was not open."""
        self._flush()
        closed = self._calls.close(key)
        self._due += closed
        return str(getattr(closed[-1], "tool_call_id", "")) if closed else ""

    def output(self, call_id: str, output: object, error: str = "") -> None:
        """What a tool that the provider ran gave back. `call_id` is ours, from `end_call`."""
        self._flush()
        if not call_id:
            return
        if error:
            failed = ToolOutputError(tool_call_id=call_id, code=PROVIDER_TOOL_FAILED, message=storable(error))
            self._due.append(failed)
        else:
            self._due.append(ToolOutputAvailable(tool_call_id=call_id, output=stored(output)))

    @property
    def length(self) -> int:
        """Characters of the text that is open; 0 where none is."""
        return self._length if self._kind == "text" else 0

    @property
    def reasons(self) -> bool:
        """Whether reasoning is open."""
        return self._kind == "reasoning"

    def source(self, cited: Citation) -> None:
        """Something that the answer rests on; the same place for the same words is told once."""
        if cited in self._sources or not (cited.url or cited.title or cited.file_id):
            return
        self._sources.add(cited)
        self._flush()
        self._counts["source"] += 1
        told: dict[str, Any] = {
            name: storable(getattr(cited, name)) for name in ("url", "title", "file_id", "place", "quote")
        }
        if cited.start is not None and self._kind == "text":
            told |= {"part_id": self._part_id, "start": cited.start, "end": cited.end}
        self._due.append(Source(source_id=f"source-{self._counts['source']}", **told))

    def file(self, media_type: str, url: str, name: str = "") -> None:
        """A file at an address, or in one (`data:` with base64)."""
        self.end_part()
        self._counts["file"] += 1
        if match := _DATA_URL.match(url):
            told = {"media_type": (match[1] or media_type).lower(), "data": url[match.end() :]}
        else:
            told = {"media_type": media_type, "url": storable(url)}
        self._due.append(File(name=storable(name), **told))

    def sound(self, piece: str) -> None:
        """Base64 of raw samples or of a file's bytes; `end` makes a file of all. Raises StreamBroken."""
        self._flush()
        self._counts["sound"] += 1
        self._recording.add(piece)
        if self._recording.is_raw:
            self._due.append(AudioDelta(part_id="audio-1", delta=piece))

    def take(self) -> list[RunEvent]:
        self._flush()
        due, self._due = self._due, []
        return due

    def end(self) -> None:
        """End all that is open."""
        self.end_part()
        self._due += self._calls.close_all()
        if self._recording.size:
            media_type, data = self._recording.file()
            self._due.append(File(media_type=media_type, data=data))
            self._recording = Recording()

    def end_part(self) -> None:
        """End the open text or reasoning, if there is one."""
        self._flush(last=True)
        if self._kind is None:
            return
        ended = TextEnd if self._kind == "text" else self._reasoning_end
        self._due.append(ended(part_id=self._part_id))
        self._kind, self._signature = None, ""

    def _write(self, kind: Kind, piece: str) -> None:
        if not piece:
            return
        if self._kind != kind:
            self._open(kind)
        self._pieces.append(piece)
        self._length += len(piece)

    def _open(self, kind: Kind) -> None:
        self.end_part()
        self._counts[kind] += 1
        self._kind, self._part_id, self._length = kind, f"{kind}-{self._counts[kind]}", 0
        started = TextStart if kind == "text" else ReasoningStart
        self._due.append(started(part_id=self._part_id))

    def _reasoning_end(self, part_id: str) -> ReasoningEnd:
        return ReasoningEnd(part_id=part_id, signature=storable(self._signature))

    def _flush(self, last: bool = False) -> None:
        text, held = held_back("".join(self._pieces), last)
        self._pieces = [held] if held else []
        if text:
            delta = TextDelta if self._kind == "text" else ReasoningDelta
            self._due.append(delta(part_id=self._part_id, delta=storable(text)))
        self._due += self._calls.take()
