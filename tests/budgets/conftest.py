"""A started server with an operator, whose budgets the tests set."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from providers.briefly import SECONDS
from tests.budgets.doors import Doors
from tests.clients import Api
from tests.conftest import started_server

OPERATOR = "import django.contrib.auth as a; a.get_user_model().objects.filter(username='carol')"
OPERATOR += ".update(is_staff=True, is_superuser=True); from django.contrib.auth.models import Group, User; "
OPERATOR += "Group.objects.get_or_create(name='testers')[0].user_set.add(User.objects.get(username='bob'))"


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Any]:
    """`names` are those of keys; carol operates. There is another process where they can share a database."""
    server = started_server(tmp_path_factory.mktemp("shop"), vendor).start()
    server.keys = server.cast()
    server.names = {key: name for name, key in server.keys.items()}
    server.manage("shell", "-c", OPERATOR)
    server.others = [server.beside()] if os.environ.get("DATABASE_URL") else []
    yield server
    for process in (*server.others, server):
        process.stop()


@pytest.fixture
async def operator(shop: Any) -> AsyncIterator[Api]:
    """What budgets there are afterwards are taken away."""
    async with Api(shop.url, shop.keys["carol"]) as api:
        yield api
        for row in (await api.http.get("/api/budgets/")).json()["results"]:
            await api.http.delete(f"/api/budgets/{row['id']}/")
        await everywhere()


@pytest.fixture
async def doors(shop: Any) -> AsyncIterator[Doors]:
    found = Doors(shop, shop.keys["bob"])
    async with found.http:
        yield found


async def everywhere() -> None:
    """What was changed holds in the other process, too."""
    await asyncio.sleep(2 * SECONDS)


async def budget(operator: Api, **fields: Any) -> dict[str, Any]:
    response = await operator.http.post("/api/budgets/", json=fields)
    assert response.status_code == 201, response.text
    await everywhere()
    return dict(response.json())


async def state_of(operator: Api, made: dict[str, Any]) -> dict[str, Any]:
    return dict((await operator.http.get(f"/api/budgets/{made['id']}/")).json())
