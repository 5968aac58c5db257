"""What is reserved and settled, on the rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions.budgets import budget_reserve
from chat.actions.messages import message_send
from chat.actions.runs import Outcome, run_cancel, run_claim, run_settle
from chat.actions.sessions import session_delete
from chat.actions.takeover import run_take_over
from chat.actions.usage import call_begin, call_end, reservations_release
from chat.budgets.amounts import Amounts, Share, begin_of, end_of
from chat.budgets.rules import Payer
from chat.commands import SendMessage
from chat.errors import LeaseLost, OverBudget
from chat.log import folded
from chat.models import Budget, BudgetCounter, Run, UsageRecord
from providers.briefly import forget
from providers.events import Finish, Timings, Usage
from providers.models import ProviderModel
from providers.parts import TextPart

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 31, 12, 30, 7, tzinfo=UTC)
USED = Usage(input_tokens=10, output_tokens=20)


def sent(user: Any, **more: Any) -> Run:
    command = SendMessage(client_id=str(timezone.now()), text="Hello", model="demo/fast", **more)
    return message_send(user=user, session=None, command=command).runs[0]


def ended(run: Run, **more: Any) -> None:
    claimed = run_claim(run_id=run.id, owner="me")
    assert claimed
    outcome = Outcome(end=Finish(), usage=USED, cost=Decimal("0.03"), **more)
    last_seq = folded(run.stream)[1]
    run_settle(run=claimed, last_seq=last_seq, parts=(TextPart(text="x"),), events=[], outcome=outcome)


def counted() -> tuple[int, int, int]:
    return BudgetCounter.objects.values_list("runs", "tokens", "nanodollars").get()


@pytest.fixture
def paid(demo: None) -> None:
    """A dollar for a thousand tokens."""
    ProviderModel.objects.filter(name="fast").update(input_price=1000, output_price=1000)
    forget()


def test_periods_begin_and_end_in_utc() -> None:
    assert [begin_of(p, NOON) for p in ("now", "minute", "day", "month")] == [
        *("now", "2026-12-31T12:30", "2026-12-31", "2026-12")
    ]
    assert end_of("minute", NOON) == NOON.replace(minute=31, second=0)
    assert end_of("day", NOON) == end_of("month", NOON) == datetime(2027, 1, 1, tzinfo=UTC)
    assert end_of("now", NOON) is None


def test_what_is_larger_than_a_budget_goes_alone_and_is_settled_to_what_it_came_to() -> None:
    reserved = Amounts(1, 5000, None).within(Amounts(None, 3000, 7))
    assert reserved == Amounts(None, 3000, 0)
    assert Share("b1:2026", reserved).due(Amounts(1, 30, 9)) == Amounts(None, -2970, 9)
    assert Share("b1:now", Amounts(1)).due(Amounts(1, 30, 9)) == Amounts(-1)


def test_an_answer_is_reserved_by_what_it_may_come_to_and_settled_to_what_it_came_to(
    alice: Any, paid: None
) -> None:
    Budget.objects.create(user=alice, period="day", runs=9, tokens=900, money=9)
    run = sent(alice, options={"max_tokens": 100})
    runs, tokens, nano = counted()
    assert (runs, nano) == (1, tokens * 1_000_000)
    assert 100 < tokens < 120
    ended(run)
    assert counted() == (1, 30, 30_000_000)
    assert not Run.objects.filter(reserved__isnull=False).exists()


def test_what_came_to_nothing_is_given_back(alice: Any, demo: None) -> None:
    Budget.objects.create(user=alice, period="month", runs=1, tokens=10_000)
    run_cancel(run=sent(alice))
    assert counted() == (0, 0, 0)
    ended(sent(alice))
    assert counted() == (1, 30, 0)
    with pytest.raises(OverBudget) as refused:
        sent(alice)
    assert refused.value.details["budget"]["what"] == "runs"
    assert refused.value.details["retry_after"] > 0


def test_a_lost_owner_settles_nothing_and_the_heir_does_once(alice: Any, demo: None) -> None:
    Budget.objects.create(user=alice, period="day", runs=2)
    run = sent(alice)
    lost = run_claim(run_id=run.id, owner="dead")
    assert lost
    Run.objects.filter(id=run.id).update(lease_until=timezone.now() - timedelta(minutes=1))
    run_take_over(run_id=run.id)
    assert counted()[0] == 1
    ended(run)
    with pytest.raises(LeaseLost):
        run_settle(run=lost, last_seq=0, parts=(), events=[], outcome=Outcome(end=Finish(), usage=USED))
    assert counted()[0] == 1


def test_what_goes_on_at_once_comes_back_with_the_end(alice: Any, demo: None) -> None:
    Budget.objects.create(user=alice, period="now", runs=1)
    run = sent(alice)
    with pytest.raises(OverBudget, match="too_many_at_once"):
        sent(alice)
    ended(run)
    assert counted()[0] == 0
    assert sent(alice)


def test_a_deleted_session_gives_back_what_it_holds_and_its_usage_stays(alice: Any, demo: None) -> None:
    Budget.objects.create(user=alice, period="day", runs=5)
    done, open_ = sent(alice), sent(alice)
    ended(done)
    for run in (done, open_):
        session_delete(session=run.session)
    assert counted()[0] == 1
    kept = UsageRecord.objects.get()
    assert (kept.id, kept.user, kept.usage["output_tokens"]) == (done.id, alice, 20)


def test_what_a_dead_process_held_is_given_back_once(alice: Any, demo: None) -> None:
    Budget.objects.create(user=alice, period="day", runs=5)
    shares = budget_reserve(payer=Payer(user_id=alice.pk), estimate=lambda: Amounts(1, 5, 5))
    row = call_begin(user_id=alice.pk, api_key=None, door="x", shares=shares)
    assert reservations_release() == 0
    UsageRecord.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reservations_release() == 1
    assert reservations_release() == 0
    assert counted()[0] == 0
    call_end(row=row, usage=USED, cost=None, timings=Timings(), status="completed", provider="p", model="m")
    assert counted()[0] == 0


def test_a_group_shares_or_each_has_his_own(alice: Any, bob: Any, demo: None) -> None:

    group = Group.objects.create(name="staff")
    alice.groups.add(group)
    bob.groups.add(group)
    budget = Budget.objects.create(group=group, period="day", runs=1)
    sent(alice)
    with pytest.raises(OverBudget):
        sent(bob)
    budget.each = True
    budget.save()
    assert sent(alice)
    assert sent(bob)
    with pytest.raises(OverBudget):
        sent(bob)


@pytest.mark.parametrize(("made", "more"), [(None, 0), ({"user": True, "runs": 5}, 1)])
def test_a_budget_costs_one_statement_and_none_costs_nothing(
    alice: Any, bob: Any, demo: None, made: Any, more: int
) -> None:
    sent(bob)
    usual = _statements(lambda: sent(bob))
    if made:
        Budget.objects.create(user=alice, period="day", runs=5)
    sent(alice)
    assert _statements(lambda: sent(alice)) == usual + more


def _statements(act: Any) -> int:

    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)
