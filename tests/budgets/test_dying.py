"""A killed server gives back what it held."""

import json
from typing import Any

import pytest

from tests.budgets.conftest import OPERATOR, budget, state_of
from tests.chat.readers import operate
from tests.clients import Api, eventually

LAPSE = "from chat.models import UsageRecord as U; from django.utils.timezone import now; "
LAPSE += "U.objects.update(lease_until=now())"


@pytest.mark.timeout(240)
async def test_what_a_killed_server_held_for_answers_that_nobody_keeps_comes_back(own_server: Any) -> None:
    own_server.start()
    keys = own_server.cast()
    own_server.manage("shell", "-c", OPERATOR)
    async with Api(own_server.url, keys["carol"]) as operator, Api(own_server.url, keys["bob"]) as bob:
        made = await budget(operator, user="bob", period="month", runs=1)
        body = {"model": "demo/long", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        async with bob.http.stream("POST", "/v1/chat/completions", json=body) as answer:
            lines = answer.aiter_lines()
            assert json.loads((await anext(lines)).removeprefix("data: "))
            assert (await state_of(operator, made))["left"] == {"runs": 0}
            own_server.kill()
        own_server.start()
        assert (await state_of(operator, made))["left"] == {"runs": 0}
        await operate(own_server, LAPSE)

        async def is_back() -> bool:
            return bool((await state_of(operator, made))["left"] == {"runs": 1})

        assert await eventually(is_back)
