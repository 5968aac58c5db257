"""Operators see the server as it changes; nobody else does, and nobody for longer than he operates."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.budgets.conftest import OPERATOR
from tests.clients import Api

DEMOTED = OPERATOR.replace("True", "False")


async def pictures(api: Api) -> AsyncIterator[dict[str, Any]]:
    async with api.http.stream("GET", "/api/stats/live/") as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


@pytest.fixture
def watched(own_server: Any) -> Any:
    own_server.start()
    own_server.keys = own_server.cast()
    own_server.manage("shell", "-c", OPERATOR)
    return own_server


async def test_operators_see_what_goes_on_until_they_operate_no_longer(watched: Any) -> None:
    async with (
        Api(watched.url, watched.keys["carol"]) as carol,
        Api(watched.url, watched.keys["alice"]) as alice,
    ):
        session = await alice.session()
        run = (await alice.send(session["id"], model="demo/long"))["runs"][0]
        first: dict[str, Any] = {}
        saw_it_run = False
        async for picture in pictures(carol):  # ends by itself
            first = first or picture
            saw_it_run = saw_it_run or picture["runs"]["running"] >= 1
            if saw_it_run:
                watched.manage("shell", "-c", DEMOTED)
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        refused = [(await one.http.get("/api/stats/live/")).status_code for one in (carol, alice)]
    assert saw_it_run
    assert set(first["processes"]) == {"processes", "serving", "executing"}
    assert min(first["processes"].values()) >= 1  # servers of other tests may be on the same Redis
    assert first["sockets"]["reader"] >= 1  # this one
    assert "demo" in [provider["provider"] for provider in first["providers"]]
    assert refused == [403, 403]


def test_the_page_is_for_operators(admin_client: Any, client: Any) -> None:
    page = admin_client.get("/admin/chat/alert/live/")
    assert 'data-url="/api/stats/live/"' in page.content.decode()
    assert client.get("/admin/chat/alert/live/").status_code == 302
