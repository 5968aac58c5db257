"""What a key may do, at every door."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets

from tests.budgets.conftest import everywhere
from tests.budgets.doors import ALL, Doors
from tests.clients import Api, Socket, eventually


@pytest.fixture
async def bob(shop: Any) -> AsyncIterator[Api]:
    async with Api(shop.url, shop.keys["bob"]) as api:
        yield api


async def key_for(api: Api, **fields: Any) -> dict[str, Any]:
    response = await api.http.post("/api/keys/", json=fields)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def statuses(url: str, key: str, *asked: tuple[str, str, Any]) -> list[int]:
    async with Api(url, key) as api:
        return [(await api.http.request(how, path, json=body)).status_code for how, path, body in asked]


async def test_a_key_for_reading_asks_nothing_at_any_door(shop: Any, bob: Api) -> None:
    key = (await key_for(bob, scopes=["read"]))["key"]
    shop.names[key] = "bob"
    doors = Doors(shop, key)
    async with doors.http:
        for door in set(ALL) - {"rest", "guide_socket"}:
            answer = await getattr(doors, door)()
            told = "permission_error" if door == "messages" else "scope_missing"
            assert told in str(answer.refused) or "the scope chat" in str(answer.refused), (door, answer)
        with pytest.raises(websockets.ConnectionClosed):
            await doors.guide_socket()
    asked = [("GET", "/api/sessions/", None), ("POST", "/api/sessions/", {}), ("GET", "/api/keys/", None)]
    assert await statuses(shop.url, key, *asked) == [200, 403, 403]
    assert await statuses(shop.url, key, ("POST", "/api/commands/", {"type": "typing"})) == [403]


async def test_every_scope_is_for_its_own(shop: Any, bob: Api, operator: Api) -> None:
    asked = [
        *(("GET", "/api/sessions/", None), ("POST", "/api/sessions/", {})),
        *(("POST", "/api/files/?filename=a.txt", {"a": 1}), ("GET", "/api/files/", None)),
        *(("GET", "/api/providers/", None), ("GET", "/api/keys/", None), ("GET", "/stats", None)),
    ]
    expected = {
        "chat": [200, 201, 403, 200, 403, 403, 200],
        "read": [200, 403, 403, 200, 403, 403, 200],
        "files": [403, 403, 201, 200, 403, 403, 403],
        "providers": [403, 403, 403, 403, 200, 403, 403],
        "admin": [200, 403, 403, 200, 200, 200, 200],
    }
    for scope, codes in expected.items():
        key = (await key_for(operator, scopes=[scope]))["key"]
        assert await statuses(shop.url, key, *asked) == codes, scope


async def test_a_key_reaches_its_routes_alone_and_makes_none_that_reaches_further(
    shop: Any, bob: Api
) -> None:
    key = (await key_for(bob, scopes=["chat", "admin"], routes=["demo/chat"], name="narrow"))["key"]
    async with Api(shop.url, key) as api:
        body = {"model": "demo/fast", "messages": [{"role": "user", "content": "Hi"}]}
        refused = await api.http.post("/v1/chat/completions", json=body)
        answered = await api.http.post("/v1/chat/completions", json={**body, "model": "demo/chat"})
        session = await api.session()
        sending = {"client_id": "x1", "text": "Hi", "model": "demo/fast"}
        sent = await api.http.post(f"/api/sessions/{session['id']}/messages/", json=sending)
        listed = (await api.http.get("/v1/models")).json()["data"]
        wider = [
            (await api.http.post("/api/keys/", json=fields)).json()["error"]["field"]
            for fields in ({}, {"scopes": ["files"]}, {"scopes": ["read"]})
        ]
    assert (refused.status_code, answered.status_code, sent.status_code) == (403, 200, 403)
    assert sent.json()["error"]["code"] == "model_not_allowed"
    assert [one["id"] for one in listed] == ["demo/chat"]
    assert wider == ["scopes", "scopes", "routes"]


async def test_a_revoked_key_closes_what_its_tickets_opened(shop: Any, bob: Api) -> None:
    made = await key_for(bob, scopes=["read"])
    async with Api(shop.url, made["key"]) as api:
        ticket = (await api.http.post("/api/ws-ticket/")).json()["ticket"]
    async with websockets.connect(f"{shop.ws_url}?ticket={ticket}") as socket:
        await socket.send(json.dumps({"type": "message.send", "id": 1, "client_id": "x", "text": "Hi"}))
        reply = json.loads(await socket.recv())
        await bob.http.delete(f"/api/keys/{made['id']}/")
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await socket.recv()
    assert reply["error"]["code"] == "scope_missing"
    assert socket.close_code == 4401
    listed = (await bob.http.get(f"/api/keys/{made['id']}/")).json()
    assert listed["revoked_at"]
    assert "key" not in listed
    assert listed["hint"] == made["key"][-4:]


async def test_connections_at_once_are_limited_over_all_processes(shop: Any, bob: Api) -> None:
    made = await key_for(bob, budget={"period": "now", "sockets": 1})
    await everywhere()
    process = [shop, *shop.others][-1]
    async with await Socket.open(shop.ws_url, made["key"]) as first:
        await first.ask("ping")
        async with await Socket.open(process.ws_url, made["key"]) as second:
            with pytest.raises(websockets.ConnectionClosed):
                await second.frame()
        assert second.connection.close_code == 4429

    async def there_is_room() -> bool:
        async with await Socket.open(process.ws_url, made["key"]) as again:
            try:
                return (await again.ask("ping"))["type"] == "pong"
            except websockets.ConnectionClosed:
                return False

    assert await eventually(there_is_room)


async def test_one_question_through_every_door_is_the_same_usage(shop: Any, bob: Api) -> None:
    """The studio's is that of three agents."""
    amounts = {"period": "day", "runs": 1, "tokens": 10**6}
    made = {door: await key_for(bob, name=door, budget=amounts) for door in ALL}
    await everywhere()
    for door, key in made.items():
        shop.names[key["key"]] = "bob"
        doors = Doors(shop, key["key"])
        async with doors.http:
            await getattr(doors, door)()
    ids = {key["id"]: door for door, key in made.items()}

    async def all_there() -> Any:
        rows = (await bob.http.get("/api/usage/?by=key")).json()["results"]
        found = {ids[row["key"]["id"]]: row for row in rows if row["key"] and row["key"]["id"] in ids}
        return found if found.keys() == set(ALL) else None

    usage = await eventually(all_there)
    assert {row["runs"] for row in usage.values()} == {1}
    assert usage.pop("studio")["output_tokens"] > 0
    sides = ("input_tokens", "output_tokens", "cost")
    assert len({tuple(row[side] for side in sides) for row in usage.values()}) == 1, usage
    budgets = (await bob.http.get("/api/budgets/?page_size=100")).json()["results"]
    spent = {ids[row["key"]]: row["used"] for row in budgets if row["key"] in ids}
    assert {one["runs"] for one in spent.values()} == {1}
    del spent["studio"]
    assert len({one["tokens"] for one in spent.values()}) == 1, spent
