"""What an answer cost, and by which price, as a program sees it."""

from typing import Any

import pytest

from tests.clients import Api


@pytest.mark.parametrize(("model", "source"), [("demo/fast", "own"), ("openai/gpt-4o-mini", "list")])
async def test_a_run_tells_its_cost_and_the_price_it_was_reckoned_by(
    server: Any, model: str, source: str
) -> None:
    async with Api(server.url, server.keys["alice"]) as api:
        session = await api.session()
        sent = await api.send(session["id"], model=model, options={"tokens": 20})
        run = await api.ended(sent["runs"][0]["id"])
    assert run["usage"]["output_tokens"] > 0
    assert run["price"]["source"] == source
    assert (float(run["cost"]) > 0) is (source == "list")


async def test_an_unknown_price_is_told_as_unknown(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as api:
        session = await api.session()
        sent = await api.send(session["id"], model="openai/gpt-that-nobody-listed")
        run = await api.ended(sent["runs"][0]["id"])
    assert (run["cost"], run["price"]) == (None, None)
