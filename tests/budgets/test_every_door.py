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
    assert not [answer for answer in refused if answer.status != 429]
    assert all(int(answer.retry_after or 0) > 0 for answer in refused)
    assert all("5 answers a month (user bob)" in str(answer.refused) for answer in refused)
    assert (await state_of(operator, made))["used"] == {"runs": MOST}


@pytest.mark.parametrize("whose", ["group", "key", "route"])
async def test_whoever_the_budget_is_of_five_of_fifty_are_let_in(
    shop: Any, operator: Api, doors: Doors, whose: str
) -> None:
    async with Api(shop.url, doors.key) as bob:
        key = (await bob.http.get("/api/keys/")).json()["results"][-1]["id"]
    owner = {"group": "testers", "key": key, "route": doors.model}[whose]
    made = await budget(operator, **{whose: owner}, period="month", runs=MOST)
    answers = await asyncio.gather(*(doors.chat_completions() for _ in range(CALLS)))
    assert sum(answer.refused is None for answer in answers) == MOST
    assert {answer.status for answer in answers} == {200, 429}
    assert (await state_of(operator, made))["used"] == {"runs": MOST}


async def test_of_several_at_once_those_are_asked_that_there_is_room_for(
    shop: Any, operator: Api, doors: Doors
) -> None:
    await budget(operator, user="bob", period="month", runs=1)
    body = {
        "providers": ["demo/fast", "demo/chat"],
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 2,
    }
    path = f"{doors.server.url}/api/streaming/compare"
    one = await doors.http.post(path, json={**body, "stream": False})
    none = await doors.http.post(path, json=body)
    told = [answer["error"] and answer["error"]["code"] for answer in one.json()["results"].values()]
    assert sorted(told, key=bool) == [None, "budget_exceeded"]
    assert (none.status_code, none.json()["error"]["code"]) == (429, "budget_exceeded")
    assert int(none.headers["retry-after"]) > 0
