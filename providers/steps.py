"""What became of each try on the way to an answer: the record that a run keeps."""

from typing import Any, Literal, TypeAlias

import msgspec

from providers.events import Usage

StepOutcome: TypeAlias = Literal["answered", "failed", "cancelled", "lost", "skipped", "set_aside"]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request to one provider, or one that was not made. Times are Unix milliseconds.

    `answered` to its end; `failed` with the error `code`; `cancelled` by a stop; `lost` a race; `skipped`
    because there was no place or its breaker is open; `set_aside` with an attempt whose server died.
    `usage` is what that try is known or estimated to have used, `cost` its price in US dollars.
    """

    provider: str
    model: str
    started_ms: int
    ended_ms: int
    outcome: StepOutcome
    attempt: int = 1  # of the run
    code: str = ""
    usage: Usage | None = None
    cost: str | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


def steps_from(told: Any) -> list[Step]:
    """From a run's column."""
    return msgspec.convert(told or [], list[Step])
