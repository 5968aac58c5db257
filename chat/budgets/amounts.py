"""What an answer takes from budgets, as values. Pure.

Money is in whole nanodollars: sums are then exact in every database.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

import msgspec

NANO: Final = Decimal(1_000_000_000)  # nanodollars of a dollar
NOW: Final = "now"


class Amounts(msgspec.Struct, frozen=True, array_like=True):
    """None is not counted."""

    runs: int | None = None
    tokens: int | None = None
    nanodollars: int | None = None

    def within(self, limits: "Amounts") -> "Amounts":
        """As far as it is limited, and no more than the whole of it: what is larger goes alone."""
        return self._paired(limits, min)

    def beyond(self, reserved: "Amounts") -> "Amounts":
        """What is to be added where so much was reserved."""
        return self._paired(reserved, lambda own, kept: own - kept)

    def _paired(self, other: "Amounts", combined: Any) -> "Amounts":
        pairs = zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)
        return Amounts(*(None if b is None else combined(a or 0, b) for a, b in pairs))

    def __bool__(self) -> bool:
        return any(msgspec.structs.astuple(self))

    @property
    def given(self) -> dict[str, int]:
        """Those that are counted, by name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}


NOTHING: Final = Amounts(0, 0, 0)


class Share(msgspec.Struct, frozen=True, array_like=True):
    """What is reserved with one counter, as a run's row keeps it."""

    counter: str
    amounts: Amounts

    @property
    def is_at_once(self) -> bool:
        return self.counter.endswith(f":{NOW}")

    def due(self, used: Amounts) -> Amounts:
        """What its counter is changed by when the answer is over: less than nothing is given back."""
        return (NOTHING if self.is_at_once else used).beyond(self.amounts)


def shares_from(kept: Any) -> tuple[Share, ...]:
    """Of a row's `reserved`, or of none."""
    return msgspec.convert(kept or [], tuple[Share, ...])


def shares_json(shares: Sequence[Share]) -> Any:
    return msgspec.to_builtins(shares) if shares else None


def for_a_part(shares: Sequence[Share]) -> tuple[Share, ...]:
    """What another answer that is a part of this one takes: no run of its own, its tokens when it is over."""
    left = (Share(s.counter, Amounts(**dict.fromkeys(set(s.amounts.given) - {"runs"}, 0))) for s in shares)
    return tuple(share for share in left if share.amounts.given and not share.is_at_once)


def nanodollars(dollars: Decimal) -> int:
    return int((dollars * NANO).to_integral_value(ROUND_CEILING))


def dollars(nano: int) -> Decimal:
    return Decimal(nano) / NANO


def begin_of(period: str, now: datetime) -> str:
    """The period that a moment is in, by name: `2026-11-21`, `2026-11`, `2026-11-21T15:04`, `now`. UTC."""
    formats = {"minute": "%Y-%m-%dT%H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}
    return now.astimezone(UTC).strftime(formats[period]) if period in formats else NOW


def end_of(period: str, now: datetime) -> datetime | None:
    """When the next period begins; None for what goes on at once."""
    today = now.astimezone(UTC).replace(second=0, microsecond=0)
    match period:
        case "minute":
            return today + timedelta(minutes=1)
        case "day":
            return today.replace(hour=0, minute=0) + timedelta(days=1)
        case "month":
            first = today.replace(day=1, hour=0, minute=0)
            return (first + timedelta(days=32)).replace(day=1)
        case _:
            return None
