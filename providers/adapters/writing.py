"""Text that comes in pieces, as well-formed parts: what every adapter writes its answer with.

It opens and closes the parts, joins what came together into one delta, and makes text storable: a surrogate
pair that a vendor cut in two is joined, half a pair and NUL (PostgreSQL stores none) become U+FFFD.
"""

from collections import Counter
from typing import Literal, TypeAlias

from providers.events import (
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEvent,
    TextDelta,
    TextEnd,
    TextStart,
)

Kind: TypeAlias = Literal["text", "reasoning"]


class PartWriter:
    """Write with `text` and `reasoning`; `take` gives the events that are due since the last take. A change
    of kind and `end` end the open part. Part ids are `text-1`, `reasoning-1`, `text-2`, …"""

    def __init__(self) -> None:
        self._due: list[RunEvent] = []
        self._counts: Counter[str] = Counter()
        self._kind: Kind | None = None
        self._part_id = ""
        self._pieces: list[str] = []
        self._signature = ""

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

    def take(self) -> list[RunEvent]:
        self._flush()
        due, self._due = self._due, []
        return due

    def end(self) -> None:
        """End the open part, if there is one."""
        if self._kind is None:
            return
        self._flush(last=True)
        ended = TextEnd if self._kind == "text" else self._reasoning_end
        self._due.append(ended(part_id=self._part_id))
        self._kind, self._signature = None, ""

    def _write(self, kind: Kind, piece: str) -> None:
        if not piece:
            return
        if self._kind != kind:
            self._open(kind)
        self._pieces.append(piece)

    def _open(self, kind: Kind) -> None:
        self.end()
        self._counts[kind] += 1
        self._kind, self._part_id = kind, f"{kind}-{self._counts[kind]}"
        started = TextStart if kind == "text" else ReasoningStart
        self._due.append(started(part_id=self._part_id))

    def _reasoning_end(self, part_id: str) -> ReasoningEnd:
        return ReasoningEnd(part_id=part_id, signature=storable(self._signature))

    def _flush(self, last: bool = False) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if not last and text and "\ud800" <= text[-1] <= "\udbff":  # its other half may come next
            text, held = text[:-1], text[-1]
            self._pieces.append(held)
        if text:
            delta = TextDelta if self._kind == "text" else ReasoningDelta
            self._due.append(delta(part_id=self._part_id, delta=storable(text)))


def storable(text: str) -> str:
    """The text as every database and every reader can take it."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
