"""Conditions and rounds of a workflow's stages, as its definition says them."""

import msgspec

MOST_ROUNDS = 20  # of all loops of a workflow together


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of `text`, a template like a stage's input. All that is said must hold; case and outer space do not
    matter."""

    text: str
    contains: str | None = None
    lacks: str | None = None
    equals: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.contains is None and self.lacks is None and self.equals is None

    def holds(self, filled: str) -> bool:
        """Of the text with its places filled in."""
        said = _plain(filled)
        return (
            (self.contains is None or _plain(self.contains) in said)
            and (self.lacks is None or _plain(self.lacks) not in said)
            and (self.equals is None or _plain(self.equals) == said)
        )


class Repeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"stage": "from"}):
    """Again from that stage on, until the condition holds or there were `most` rounds."""

    stage: str
    until: Condition
    most: int = 3


def _plain(text: str) -> str:
    return text.strip().casefold()
