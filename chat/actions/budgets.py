"""Budgets: what an answer may come to is reserved in the transaction that begins it, what it came to is
settled in the one that ends it. Every door's answers come through here.

One conditional statement per counter decides, in every database and with any number of processes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import F
from django.utils import timezone

from chat.budgets.amounts import Amounts, Share, end_of, for_a_part
from chat.budgets.left import Left, tell
from chat.budgets.rules import Payer, Rule, rules_for
from chat.models import BudgetCounter

KEPT: Final = timedelta(days=2)  # that counters outlive their period: answers that began in it may still end

_COLUMNS: Final = ("runs", "tokens", "nanodollars")
_RESERVE: Final = """
    INSERT INTO chat_budgetcounter AS kept (name, ends_at, runs, tokens, nanodollars)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (name) DO UPDATE SET runs = kept.runs + excluded.runs, tokens = kept.tokens + excluded.tokens,
        nanodollars = kept.nanodollars + excluded.nanodollars
    WHERE {conditions} RETURNING runs, tokens, nanodollars
"""


def budget_reserve(*, payer: Payer, estimate: Callable[[], Amounts]) -> tuple[Share, ...]:
    """In the caller's transaction. Raises OverBudget, and then that transaction must not be committed. Where
    no budget counts, nothing is asked, and nothing is estimated where runs alone are counted."""
    rules = [rule for rule in rules_for(payer) if rule.limits.given]
    if not rules:
        return ()
    now = timezone.now()
    counts_runs_alone = all(rule.limits.given.keys() == {"runs"} for rule in rules)
    amounts = Amounts(runs=1) if counts_runs_alone else estimate()
    lefts = [_reserve(rule, payer, amounts, now) for rule in rules]
    tell(lefts)
    return tuple(left.share for left in lefts)


def shares_of_part(payer: Payer) -> tuple[Share, ...]:
    """Of an answer that belongs to another one and begins after that: nothing is reserved and nobody refused,
    and what it uses counts."""
    now = timezone.now()
    named = (Share(rule.counter(payer.user_id, now), rule.limits) for rule in rules_for(payer))
    return for_a_part(tuple(named))


def budget_settle(*, shares: Sequence[Share], used: Amounts) -> None:
    """In the transaction that ends the answer, whose condition is that nobody ended it before."""
    for share in shares:
        due = share.due(used)
        if due:
            changes = {name: F(name) + by for name, by in due.given.items() if by}
            BudgetCounter.objects.filter(name=share.counter).update(**changes)


def counters_clean() -> int:
    """Those of periods that are long over. Gives how many."""
    return BudgetCounter.objects.filter(ends_at__lt=timezone.now() - KEPT).delete()[0]


def _reserve(rule: Rule, payer: Payer, amounts: Amounts, now: datetime) -> Left:
    taken = amounts.within(rule.limits)
    share = Share(rule.counter(payer.user_id, now), taken)
    ends_at = end_of(rule.period, now)
    limits = rule.limits.given
    conditions = " AND ".join(f"kept.{name} + excluded.{name} <= %s" for name in limits)
    time = connection.ops.adapt_datetimefield_value(ends_at) if ends_at else None
    added = [taken.given.get(name, 0) for name in _COLUMNS]
    with connection.cursor() as cursor:
        statement = _RESERVE.format(conditions=conditions)
        cursor.execute(statement, [share.counter, time, *added, *limits.values()])
        row = cursor.fetchone()
    if row is None:
        raise _refused(rule, share, ends_at).refusal(now)
    return Left(rule=rule, share=share, used=Amounts(*row), ends_at=ends_at)


def _refused(rule: Rule, share: Share, ends_at: datetime | None) -> Left:
    """With what others use."""
    row = BudgetCounter.objects.filter(name=share.counter).values_list(*_COLUMNS).first()
    return Left(rule=rule, share=share, used=Amounts(*(row or (0, 0, 0))), ends_at=ends_at)
