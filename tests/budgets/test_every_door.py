"""Whatever door somebody comes through: the same budget counts, and what is refused is refused in the door's
own words."""

import asyncio
from typing import Any

import pytest

from tests.budgets.conftest import budget, state_of
from tests.budgets.doors import ALL, Doors
from tests.clients import Api

CALLS = 50
MOST = 5


@pytest.mark.parametrize("door", ALL)
async def test_fifty_at_once_with_a_budget_for_five_are_five(
    shop: Any, operator: Api, doors: Doors, door: str
) -> None:
    made = await budget(operator, user="bob", period="month", runs=MOST)
    answers = await asyncio.gather(*(getattr(doors, door)() for _ in range(CALLS)))
    refused = [answer for answer in answers if answer.refused is not None]
    assert len(refused) == CALLS - MOST, refused[:1]
    assert {answer.status for answer in refused} == {429}
    assert all(int(answer.retry_after or 0) > 0 for answer in refused)
    assert all("5 answers a month (user bob)" in str(answer.refused) for answer in refused)
    assert (await state_of(operator, made))["used"] == {"runs": MOST}
