"""The budgets that there are, kept for a moment like all that operators set up, and those that count for one
answer. Where there is none, nothing is asked of the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import Group

from chat.budgets.amounts import Amounts, begin_of, nanodollars
from chat.models import Budget
from providers.briefly import briefly

Owner = tuple[str, Any]  # ("user", 5), ("group", 2), ("key", UUID), ("route", "demo/chat")

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One budget. `name` begins its counters' names; `of` is how a refusal names its owner."""

    name: str
    of: str
    period: str
    limits: Amounts
    sockets: int | None = None
    each: bool = False

    def counter(self, user_id: Any, now: datetime) -> str:
        whose = f":u{user_id}" if self.each else ""
        return f"{self.name}{whose}:{begin_of(self.period, now)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who asks, with which key, and what: the name that was asked for and `provider/model`."""

    user_id: Any
    key_id: UUID | None = None
    refs: tuple[str, ...] = ()

    @property
    def owners(self) -> list[Owner]:
        key: list[Owner] = [("key", self.key_id)] if self.key_id else []
        routes: list[Owner] = [("route", ref) for ref in dict.fromkeys(self.refs) if ref]
        return [("user", self.user_id), *key, *routes]


def rules_for(payer: Payer) -> tuple[Rule, ...]:
    """In one order for everybody, so that nobody waits for each other in a circle."""
    book = _book()
    if not book.rules:
        return _defaults(())
    personal = _personal(payer, book)
    rest = [rule for owner in payer.owners[1:] for rule in book.rules.get(owner, ())]
    found = {rule.name + rule.period: rule for rule in [*personal, *rest, *_defaults(personal)]}
    return tuple(found[name] for name in sorted(found))


def _personal(payer: Payer, book: "_Book") -> list[Rule]:
    """The user's own, and those of the groups."""
    found = list(book.rules.get(("user", payer.user_id), ()))
    if book.has_groups:
        for group_id in groups_of(payer.user_id):
            found += book.rules.get(("group", group_id), ())
    return found


@dataclass(frozen=True, slots=True)
class _Book:
    rules: Mapping[Owner, tuple[Rule, ...]] = field(default_factory=dict)

    @property
    def has_groups(self) -> bool:
        return any(kind == "group" for kind, _ in self.rules)


@briefly
def _book() -> _Book:
    found: dict[Owner, list[Rule]] = defaultdict(list)
    for budget in Budget.objects.select_related("user", "group", "key"):
        found[_owner(budget)].append(rule_of(budget))
    return _Book({owner: tuple(rules) for owner, rules in found.items()})


@briefly
def groups_of(user_id: Any) -> tuple[int, ...]:
    return tuple(Group.objects.filter(user__pk=user_id).values_list("pk", flat=True))


def rule_of(budget: Budget) -> Rule:
    return Rule(
        name=f"b{budget.pk}",
        of=budget.owner_label,
        period=budget.period,
        limits=Amounts(
            budget.runs, budget.tokens, None if budget.money is None else nanodollars(budget.money)
        ),
        sockets=budget.sockets,
        each=budget.each,
    )


def _owner(budget: Budget) -> Owner:
    if budget.user_id:
        return ("user", budget.user_id)
    if budget.group_id:
        return ("group", budget.group_id)
    return ("key", budget.key_id) if budget.key_id else ("route", budget.route)


def _defaults(personal: Iterable[Rule]) -> tuple[Rule, ...]:
    """What everybody has by the settings, where no budget says more of the same."""
    told = {rule.period for rule in personal if rule.limits.runs is not None}
    most = {"minute": settings.USER_RUNS_PER_MINUTE, "now": settings.USER_RUNS_AT_ONCE}
    return tuple(
        Rule(name=DEFAULT, of="user", period=period, limits=Amounts(runs=runs), each=True)
        for period, runs in most.items()
        if runs and period not in told
    )
