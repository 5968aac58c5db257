"""Several people in one session: what each may do, who is there, who types; who is shown out is out."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.clients import Api, Frame, Socket


@pytest.fixture
async def shared(server: Any) -> AsyncIterator[tuple[Api, Api, str]]:
    """alice, bob, and alice's session, where bob is nobody yet."""
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["bob"]) as bob:
        yield alice, bob, (await alice.session(title="Ours"))["id"]


async def let_in(alice: Api, session: str, role: str, name: str = "bob") -> Frame:
    response = await alice.http.post(
        f"/api/sessions/{session}/members/", json={"username": name, "role": role}
    )
    assert response.status_code == 201, response.text
    return dict(response.json())


async def until(socket: Socket, type_: str, check: Any = lambda frame: True) -> Frame:
    while not ((frame := await socket.frame())["type"] == type_ and check(frame)):
        pass
    return frame


@pytest.mark.parametrize(
    ("role", "reads", "types", "sends"),
    [
        (None, 404, 404, 404),
        ("viewer", 200, 403, 403),
        ("commenter", 200, 200, 403),
        ("driver", 200, 200, 201),
    ],
)
async def test_each_role_may_do_its_part_and_no_more(
    shared: Any, role: str | None, reads: int, types: int, sends: int
) -> None:
    alice, bob, session = shared
    run = (await alice.send(session, model="demo/long"))["runs"][0]["id"]
    if role:
        await let_in(alice, session, role)
    path = f"/api/sessions/{session}/"
    assert (await bob.http.get(f"{path}messages/")).status_code == reads
    typed = await bob.http.post("/api/commands/", json={"type": "typing", "session_id": session})
    assert typed.status_code == types
    stopped = await bob.http.post(f"/api/runs/{run}/cancel/")
    assert stopped.status_code == (200 if sends == 201 else sends)
    await alice.http.post(f"/api/runs/{run}/cancel/")
    await alice.ended(run)
    said = {"client_id": f"bob-{role}-{session}", "text": "Hi", "model": "demo/fast"}
    assert (await bob.http.post(f"{path}messages/", json=said)).status_code == sends
    for method, place in (("PATCH", path), ("DELETE", path), ("POST", f"{path}members/")):
        refused = await bob.http.request(method, place, json={})
        assert refused.status_code == (403 if role else 404)
    chosen = await bob.http.patch(path, json={"model": "demo/fast"})
    assert chosen.status_code == (200 if sends == 201 else sends)


async def test_members_are_listed_changed_and_may_leave(shared: Any) -> None:
    alice, bob, session = shared
    member = await let_in(alice, session, "viewer")
    path = f"/api/sessions/{session}/members/"
    assert [one["role"] for one in (await bob.http.get(path)).json()["results"]] == ["owner", "viewer"]
    assert (await bob.http.patch(f"{path}{member['id']}/", json={"role": "driver"})).status_code == 403
    changed = await alice.http.patch(f"{path}{member['id']}/", json={"role": "driver"})
    assert changed.json()["role"] == "driver"
    assert (await bob.http.delete(f"{path}{member['id']}/")).status_code == 204
    assert (await bob.http.get(path)).status_code == 404
    assert (await alice.http.delete(f"{path}{member['id']}/")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "nobody-at-all", "role": "viewer"}, "username"),
        ({"username": "alice", "role": "viewer"}, "username"),
        ({"username": "bob", "role": "king"}, "role"),
        ({"username": "bob"}, "role"),
        ({"username": "bob", "role": "viewer", "owner": True}, "owner"),
    ],
)
async def test_a_member_that_cannot_be_is_refused_by_name(shared: Any, body: Any, field: str) -> None:
    alice, _, session = shared
    response = await alice.http.post(f"/api/sessions/{session}/members/", json=body)
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


async def test_two_people_see_each_other_type_and_the_same_stream(server: Any, shared: Any) -> None:
    alice, _, session = shared
    await let_in(alice, session, "driver")
    async with (
        await Socket.open(server.ws_url, server.keys["alice"]) as hers,
        await Socket.open(server.ws_url, server.keys["bob"]) as his,
    ):
        await hers.ask("subscribe", session_id=session)
        await his.ask("subscribe", session_id=session)
        both = await until(hers, "presence", lambda frame: len(frame["people"]) == 2)
        assert [one["name"] for one in both["people"]] == ["alice", "bob"]
        await his.ask("typing", session_id=session)
        await until(
            hers, "presence", lambda frame: [one["typing"] for one in frame["people"]] == [False, True]
        )
        sent = await his.ask(
            "message.send", session_id=session, client_id=f"{session}-1", text="Hi", model="demo/chat"
        )
        run = sent["runs"][0]["id"]
        texts = [await _run_text(socket, run) for socket in (hers, his)]
        assert texts[0] == texts[1] != ""
        message = (await alice.messages(session))[sent["message"]["id"]]
        assert message["author"]["name"] == "bob"
        await his.ask("unsubscribe", session_id=session)
        await until(hers, "presence", lambda frame: [one["name"] for one in frame["people"]] == ["alice"])


async def test_a_reader_of_the_feed_is_there_too(server: Any, shared: Any) -> None:
    alice, bob, session = shared
    await let_in(alice, session, "viewer")
    path, stream = f"/api/sessions/{session}/feed/", {"Accept": "text/event-stream"}
    async with await Socket.open(server.ws_url, server.keys["alice"]) as hers:
        await hers.ask("subscribe", session_id=session)
        async with bob.http.stream("GET", path, headers=stream) as feed:
            both = await until(hers, "presence", lambda frame: len(frame["people"]) == 2)
            lines = (line.removeprefix("data: ") async for line in feed.aiter_lines() if "presence" in line)
            assert json.loads(await anext(lines))["people"] == both["people"]
        await until(hers, "presence", lambda frame: [one["name"] for one in frame["people"]] == ["alice"])


@pytest.fixture
async def trusting(own_server: Any) -> AsyncIterator[Any]:
    """A server that does not ask by itself who may stay: it has to hear of it."""
    own_server.environment.update(RIGHTS_SECONDS="3600")
    own_server.start()
    own_server.keys = own_server.cast()
    yield own_server


async def test_who_is_shown_out_hears_no_more_at_once(trusting: Any) -> None:
    keys = trusting.keys
    async with Api(trusting.url, keys["alice"]) as alice, Api(trusting.url, keys["bob"]) as bob:
        session = (await alice.session())["id"]
        member = await let_in(alice, session, "viewer")
        run = (await alice.send(session, model="demo/long"))["runs"][0]["id"]
        async with await Socket.open(trusting.ws_url, keys["bob"]) as his:
            await his.ask("subscribe", session_id=session)
            stream = asyncio.create_task(_read(bob, f"/api/runs/{run}/events/"))
            feed = asyncio.create_task(_read(bob, f"/api/sessions/{session}/feed/"))
            await until(his, "text-delta")
            removed = await alice.http.delete(f"/api/sessions/{session}/members/{member['id']}/")
            assert removed.status_code == 204
            frame = await until(his, "unsubscribed")
            assert frame["error"]["code"] == "not_found"
            await asyncio.gather(stream, feed)
            assert (await alice.run(run))["status"] == "running"  # the removal ended the streams
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await until(his, "text-delta")
        await alice.http.post(f"/api/runs/{run}/cancel/")


async def _run_text(socket: Socket, run: str) -> str:
    text = ""
    while (frame := await socket.event())["type"] != "finish" or frame["stream"] != f"run:{run}":
        text += frame.get("delta", "") if frame["type"] == "text-delta" else ""
    return text


async def _read(api: Api, address: str) -> None:
    with contextlib.suppress(Exception):
        async with api.http.stream("GET", address, headers={"Accept": "text/event-stream"}) as response:
            async for _ in response.aiter_lines():
                pass


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="two processes hear each other over Redis")
async def test_presence_and_removal_reach_another_process(trusting: Any) -> None:
    keys, other = trusting.keys, trusting.beside()
    try:
        async with Api(trusting.url, keys["alice"]) as alice:
            session = (await alice.session())["id"]
            member = await let_in(alice, session, "driver")
            async with (
                await Socket.open(trusting.ws_url, keys["alice"]) as hers,
                await Socket.open(other.ws_url, keys["bob"]) as his,
            ):
                await hers.ask("subscribe", session_id=session)
                await his.ask("subscribe", session_id=session)
                for socket in (hers, his):
                    await until(socket, "presence", lambda frame: len(frame["people"]) == 2)
                await his.ask("typing", session_id=session)
                await until(hers, "presence", lambda frame: any(one["typing"] for one in frame["people"]))
                await alice.http.delete(f"/api/sessions/{session}/members/{member['id']}/")
                await until(his, "unsubscribed")
    finally:
        other.kill()
