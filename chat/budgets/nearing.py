"""How much of each budget of a day or a month is used, for whoever watches over the server."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from chat.budgets.amounts import Amounts, begin_of
from chat.budgets.rules import Rule, rule_of
from chat.models import Budget, BudgetCounter

_LONG = (Budget.Period.DAY, Budget.Period.MONTH)


def used_shares() -> dict[str, float]:
    """By owner and period, the largest share of its amounts, reservations included. Where each member has
    his own, the largest of theirs."""
    now = timezone.now()
    rules = [
        rule_of(row) for row in Budget.objects.filter(period__in=_LONG).select_related("user", "group", "key")
    ]
    if not rules:
        return {}
    counters = list(BudgetCounter.objects.filter(ends_at__gt=now, name__startswith="b"))
    return {
        f"{rule.of}, {rule.period}": max((_share(rule, one) for one in _of(rule, counters, now)), default=0.0)
        for rule in rules
    }


def _of(rule: Rule, counters: list[BudgetCounter], now: datetime) -> Iterator[BudgetCounter]:
    ending = f":{begin_of(rule.period, now)}"
    for counter in counters:
        if counter.name.startswith(f"{rule.name}:") and counter.name.endswith(ending):
            yield counter


def _share(rule: Rule, counter: BudgetCounter) -> float:
    used = Amounts(counter.runs, counter.tokens, counter.nanodollars).given
    return max((used[name] / limit for name, limit in rule.limits.given.items()), default=0.0)
