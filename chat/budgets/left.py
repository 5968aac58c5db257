"""What is left of a budget, for whoever asks and for whoever is refused: JSON, headers, the refusal."""

import math
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.budgets.amounts import Amounts, Share, dollars
from chat.budgets.rules import Rule
from chat.errors import OverBudget

SOON: Final = 1  # seconds, where nobody knows when something comes back
HEADER: Final = "x-parley-budget"
CODES: Final = {"now": "too_many_at_once", "minute": "rate_limited"}  # otherwise budget_exceeded
_PERIODS: Final = {
    "now": gettext_lazy("at once"),
    "minute": gettext_lazy("a minute"),
    "day": gettext_lazy("a day"),
    "month": gettext_lazy("a month"),
}
_UNITS: Final = {"runs": gettext_lazy("answers"), "tokens": gettext_lazy("tokens")}

# What a request took from budgets, for its response's headers. The list is one for all threads of a request.
_taken: ContextVar[list["Left"] | None] = ContextVar("taken", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A budget after something was reserved with it, or refused. `used` holds what others have reserved."""

    rule: Rule
    share: Share
    used: Amounts
    ends_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        told = {_told(name): self._figures(name) for name in self.rule.limits.given}
        return {"of": self.rule.of, "period": self.rule.period, "resets_at": self._reset, **told}

    def as_state(self) -> dict[str, Any]:
        """What is used and left, by amount."""
        figures = {_told(name): self._figures(name) for name in self.rule.limits.given}
        sides = {side: {name: one[side] for name, one in figures.items()} for side in ("used", "left")}
        return {**sides, "resets_at": self._reset}

    def as_header(self) -> str:
        """`user alice;period=day;runs=3/5;reset=3600`: what is left of the limit, and seconds."""
        figures = {name: self._figures(name) for name in self.rule.limits.given}
        told = [f"{_told(name)}={one['left']}/{one['limit']}" for name, one in figures.items()]
        reset = [f"reset={self._wait(timezone.now())}"] if self.ends_at else []
        owner = self.rule.of.encode("ascii", "replace").decode().translate(_QUIET)
        return ";".join([owner, f"period={self.rule.period}", *told, *reset])

    def refusal(self, now: datetime) -> OverBudget:
        """It names the amount that does not fit."""
        name = next((name for name in self.rule.limits.given if not self._fits(name)), "runs")
        return OverBudget(
            self._sentence(name),
            code=CODES.get(self.rule.period, ""),
            budget={"what": _told(name), **self.as_json()},
            resets_at=self._reset,
            retry_after=self._wait(now),
        )

    def _sentence(self, name: str) -> str:
        told = {
            "limit": self._figures(name)["limit"],
            "unit": _UNITS.get(name, "US dollars"),
            "period": _PERIODS[self.rule.period],
            "of": self.rule.of,
        }
        if self.ends_at is None:
            return _("No more than %(limit)s %(unit)s %(period)s (%(of)s).") % told
        told["time"] = self.ends_at.strftime("%Y-%m-%d %H:%M UTC")
        return _("The limit of %(limit)s %(unit)s %(period)s (%(of)s) is reached until %(time)s.") % told

    def _fits(self, name: str) -> bool:
        taken = self.used.given.get(name, 0) + self.share.amounts.given.get(name, 0)
        return taken <= self.rule.limits.given[name]

    def _figures(self, name: str) -> dict[str, Any]:
        limit, used = self.rule.limits.given[name], self.used.given.get(name, 0)
        figures = {"limit": limit, "used": used, "left": max(limit - used, 0)}
        return {side: _shown(name, value) for side, value in figures.items()}

    def _wait(self, now: datetime) -> int:
        return max(SOON, math.ceil((self.ends_at - now).total_seconds())) if self.ends_at else SOON

    @property
    def _reset(self) -> str | None:
        return self.ends_at.isoformat() if self.ends_at else None


def listen() -> list[Left]:
    """What will be taken from budgets for this request."""
    taken: list[Left] = []
    _taken.set(taken)
    return taken


def tell(lefts: Iterable[Left]) -> None:
    taken = _taken.get()
    if taken is not None:
        taken.extend(lefts)


_QUIET: Final = {ord(character): " " for character in ";,\r\n"}


def _told(name: str) -> str:
    return "money" if name == "nanodollars" else name


def _shown(name: str, value: int) -> int | str:
    """Money as a decimal text."""
    return format(dollars(value).normalize(), "f") if name == "nanodollars" else value
