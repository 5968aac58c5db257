"""Acts that are audited, many at once on the same rows: none waits for another in a circle."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.clients import Api
from tests.conftest import started_server

pytestmark = pytest.mark.timeout(300)
ROUNDS = 4
OPERATOR = "from django.contrib.auth import get_user_model as users; "
OPERATOR += "users().objects.filter(username='carol').update(is_staff=True, is_superuser=True)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, vendor: Any) -> Iterator[Any]:
    server = started_server(tmp_path_factory.mktemp("audited"), vendor).start()
    server.keys = server.cast()
    server.manage("shell", "-c", OPERATOR)
    yield server
    server.stop()


@pytest.fixture
async def operator(shop: Any) -> AsyncIterator[Api]:
    async with Api(shop.url, shop.keys["carol"]) as api:
        yield api


async def test_none_of_many_audited_acts_fails(operator: Api) -> None:
    provider = {"id": "acme", "kind": "openai-compatible", "base_url": "http://127.0.0.1:1/v1"}
    targets = {"targets": [{"provider": "acme", "model": "m"}, {"provider": "demo", "model": "fast"}]}
    made = [
        await operator.http.post("/api/providers/", json={**provider, "api_key": "sk-at-once-012345"}),
        await operator.http.post("/api/routes/", json={"name": "cheap", **targets}),
    ]
    assert [answer.status_code for answer in made] == [201, 201], [answer.text for answer in made]
    session = f"/api/sessions/{(await operator.session())['id']}/"
    bob = {"username": "bob", "role": "viewer"}

    def acts(number: int) -> list[Any]:
        http, label = operator.http, uuid.uuid4().hex
        return [
            http.patch("/api/providers/acme/", json={"label": label}),
            http.patch("/api/providers/acme/", json={"label": f"{label}-2", "models": [{"name": "m"}]}),
            http.patch("/api/routes/cheap/", json={"label": label, **targets}),
            http.post("/api/agents/", json={"name": f"agent-{number}", "model": "demo/fast"}),
            http.post(f"{session}members/", json=bob),
            leaves(),
            keys(),
            chats(),
        ]

    async def leaves() -> Any:
        people = (await operator.http.get(f"{session}members/")).json()["results"]
        found = [one["id"] for one in people if one["name"] == "bob"]
        return await operator.http.delete(f"{session}members/{found[0] if found else 0}/")

    async def keys() -> Any:
        made = await operator.http.post("/api/keys/", json={"name": "x"})
        key = made.json().get("id")
        return await operator.http.delete(f"/api/keys/{key}/") if key else made

    async def chats() -> Any:
        chat = f"/api/sessions/{(await operator.session())['id']}/"
        await operator.http.post(f"{chat}members/", json=bob)
        return await operator.http.delete(chat)

    answers = await asyncio.gather(*(act for number in range(ROUNDS) for act in acts(number)))
    wrong = [(answer.request.url.path, answer.text[:200]) for answer in answers if answer.status_code >= 500]
    assert not wrong
    assert sum(answer.status_code < 300 for answer in answers) > len(answers) // 2


async def test_a_route_that_is_changed_is_one_entry(operator: Api) -> None:
    before = (await operator.http.get("/api/audit/")).json()["results"][0]["number"]
    targets = [{"provider": "demo", "model": model} for model in ("fast", "chat", "long")]
    for method, path, body in (
        ("POST", "/api/routes/", {"name": "three", "targets": targets[:2]}),
        ("PATCH", "/api/routes/three/", {"targets": targets}),
        ("PATCH", "/api/routes/three/", {"label": "Three", "targets": targets[1:]}),
        ("DELETE", "/api/routes/three/", None),
    ):
        assert (await operator.http.request(method, path, json=body)).status_code < 300
    listed = (await operator.http.get("/api/audit/?page_size=20")).json()["results"]
    told = [(one["action"], one["details"]) for one in reversed(listed) if one["number"] > before]
    assert [action for action, _ in told] == [
        *("route.created", "route.changed", "route.changed", "route.deleted")
    ]
    assert told[1][1] == {"changed": ["targets"], "targets": ["demo/fast", "demo/chat", "demo/long"]}
    assert told[2][1]["changed"] == ["label", "targets"]
