"""`session_data`: written under a version, transient keys, seen by who looks on."""

import asyncio
import uuid
from typing import Any

import pytest

from tests.clients import Api, Socket


async def test_data_is_written_under_a_version_and_a_stale_write_is_refused(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        path = f"/api/sessions/{(await alice.session())['id']}/state/"
        assert (await alice.http.get(path)).json() == {"session_data": {}, "version": 0, "expires": {}}
        first = await alice.http.put(path, json={"session_data": {"step": 1, "城市": "北京"}, "version": 0})
        assert first.json()["version"] == 1
        stale = await alice.http.put(path, json={"session_data": {}, "version": 0})
        assert stale.status_code == 409
        assert stale.json()["error"]["code"] == "stale_version" and stale.json()["error"]["version"] == 1
        changed = await alice.http.patch(path, json={"set": {"step": 2}, "remove": ["城市"], "version": 1})
        assert changed.json() == (await alice.http.get(path)).json()
        assert changed.json() == {"session_data": {"step": 2}, "version": 2, "expires": {}}


async def test_of_many_writers_on_one_version_one_wins(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        path = f"/api/sessions/{(await alice.session())['id']}/state/"
        bodies = [{"session_data": {"by": number}, "version": 0} for number in range(8)]
        answers = await asyncio.gather(*(alice.http.put(path, json=body) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        assert (await alice.http.get(path)).json() == won
        added = await asyncio.gather(*(alice.http.patch(path, json={"set": {f"k{n}": n}}) for n in range(8)))
        assert {answer.json()["version"] for answer in added} == set(range(2, 10))
        data = (await alice.http.get(path)).json()["session_data"]
        assert {f"k{n}" for n in range(8)} <= set(data)


async def test_a_transient_key_is_gone_when_its_time_is_up(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        path = f"/api/sessions/{(await alice.session())['id']}/state/"
        set_ = await alice.http.patch(path, json={"set": {"typing": True}, "ttl": 0.5})
        assert list(set_.json()["expires"]) == ["typing"]
        await alice.http.patch(path, json={"set": {"stays": True}})
        await asyncio.sleep(0.6)
        assert (await alice.http.get(path)).json()["session_data"] == {"stays": True}


async def test_who_looks_on_is_told_and_the_next_snapshot_has_it(server: Any) -> None:
    async with (
        Api(server.url, server.keys["alice"]) as alice,
        await Socket.open(server.ws_url, server.keys["alice"]) as socket,
    ):
        session = (await alice.session())["id"]
        await socket.ask("subscribe", session_id=session)
        await alice.http.patch(f"/api/sessions/{session}/state/", json={"set": {"a": [1]}})
        while (frame := await socket.event())["type"] != "state":
            pass
        assert (frame["session_data"], frame["version"]) == ({"a": [1]}, 1)
        feed = (await alice.http.get(f"/api/sessions/{session}/feed/")).json()["frames"]
        assert feed[0]["state"]["session_data"] == {"a": [1]}


@pytest.mark.parametrize(
    ("role", "status"), [(None, 404), ("viewer", 403), ("commenter", 403), ("driver", 200)]
)
async def test_only_who_drives_writes(server: Any, role: str | None, status: int) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["bob"]) as bob:
        session = (await alice.session())["id"]
        path = f"/api/sessions/{session}/"
        if role:
            await alice.http.post(f"{path}members/", json={"username": "bob", "role": role})
        assert (await bob.http.patch(f"{path}state/", json={"set": {"a": 1}})).status_code == status
        assert (await bob.http.get(f"{path}state/")).status_code == (200 if role else 404)


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("PUT", {"session_data": {}}, 400),
        ("PUT", {"session_data": [], "version": 0}, 400),
        ("PUT", {"session_data": {"x": "y" * 70_000}, "version": 0}, 413),
        ("PATCH", {"set": {"a": 1}, "ttl": -1}, 400),
        ("PATCH", {"set": 1}, 400),
        ("PATCH", {"sett": {}}, 400),
    ],
)
async def test_a_bad_write_is_refused_by_name(server: Any, method: str, body: Any, status: int) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        path = f"/api/sessions/{(await alice.session())['id']}/state/"
        response = await alice.http.request(method, path, json=body)
        assert response.status_code == status
        assert response.json()["error"]["field"]
        nowhere = await alice.http.request(method, f"/api/sessions/{uuid.uuid4()}/state/", json=body)
        assert nowhere.status_code == 404
