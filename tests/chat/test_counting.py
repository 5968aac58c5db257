"""What is counted can be read; without a fault there is no gap."""

import re
from typing import Any

from tests.clients import Api, Socket


async def _counted(server: Any, name: str) -> float:
    """The sum of a metric over its labels."""
    async with Api(server.url, "pk-owner") as owner:
        page = (await owner.http.get("/metrics")).text
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", page, re.M))


async def test_runs_and_refusals_are_counted_and_no_gap_without_a_fault(own_server: Any) -> None:
    own_server.environment.update(
        PARLEY_ADMIN_USER="olga", PARLEY_ADMIN_PASSWORD="long-enough-pw", PARLEY_API_KEY="pk-owner"
    )
    own_server.start()
    keys = own_server.cast()
    async with (
        Api(own_server.url, keys["alice"]) as alice,
        await Socket.open(own_server.ws_url, keys["alice"]) as socket,
    ):
        session = await alice.session()
        await socket.ask("subscribe", session_id=session["id"])
        for _ in range(3):
            await alice.ended((await alice.send(session["id"], model="demo/fast"))["runs"][0]["id"])
        await socket.ask("nonsense")
        hidden = await alice.http.get("/metrics")
    assert await _counted(own_server, "parley_runs_total") == 3
    assert await _counted(own_server, "parley_gaps_total") == 0
    assert await _counted(own_server, "parley_takeovers_total") == 0
    assert await _counted(own_server, "parley_refusals_total") >= 1
    assert hidden.status_code == 403
