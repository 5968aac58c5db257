"""Sending, editing and regenerating over REST: one answer per send, one per branch."""

import asyncio
import json
import uuid
from typing import Any

import pytest

from chat.actions.sessions import session_create, session_update
from chat.models import ChatSession, StreamEvent
from tests.clients import Api

SLOW = {"tokens": 2000, "rate": 50}


async def test_a_message_is_answered_and_kept(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(title="First")
        sent = await alice.send(session["id"], "Hello 世界 👋", model="demo/chat", options={"seed": 1})
        run = await alice.ended(sent["runs"][0]["id"])
        answer = (await alice.messages(session["id"]))[run["message_id"]]
    assert run["status"] == "completed"
    assert answer["status"] == "complete"
    assert answer["parent_id"] == sent["message"]["id"]
    assert "Hello 世界 👋" in answer["text"]
    assert run["usage"]["output_tokens"] > 0


async def test_the_same_client_id_is_one_message_however_often_it_is_sent(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        body = {"client_id": uuid.uuid4().hex, "text": "Once", "model": "demo/fast"}
        path = f"/api/sessions/{session['id']}/messages/"
        responses = await asyncio.gather(*(alice.http.post(path, json=body) for _ in range(8)))
        messages = await alice.messages(session["id"])
    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert len({response.json()["runs"][0]["id"] for response in responses}) == 1
    assert len(messages) == 2


async def test_a_client_id_stands_for_one_message_and_for_nothing_else(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        first, other = await alice.session(), await alice.session()
        body = {"client_id": uuid.uuid4().hex, "text": "Once", "model": "demo/fast"}
        await alice.send(first["id"], **body)
        tries = [
            (first, {"text": "Twice"}, "text"),
            (first, {"model": "demo/chat"}, "model"),
            (other, {}, "session_id"),
        ]
        for session, changed, field in tries:
            path = f"/api/sessions/{session['id']}/messages/"
            refused = await alice.http.post(path, json={**body, **changed})
            error = refused.json()["error"]
            assert (refused.status_code, error["code"], error["field"]) == (409, "client_id_reused", field)
            assert error["request_id"] == refused.headers["x-request-id"]
        assert len(await alice.messages(first["id"])) == 2
        assert not await alice.messages(other["id"])


async def test_a_second_send_while_an_answer_is_written_is_refused_with_its_run(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        first = await alice.send(session["id"], "One", model="demo/long", options=SLOW)
        second = await alice.http.post(
            f"/api/sessions/{session['id']}/messages/", json={"client_id": uuid.uuid4().hex, "text": "Two"}
        )
        await alice.http.post(f"/api/runs/{first['runs'][0]['id']}/cancel/")
    assert second.status_code == 409
    assert second.json()["error"]["code"] == "run_active"
    assert second.json()["error"]["run_id"] == first["runs"][0]["id"]


async def test_a_stop_keeps_what_came_and_ends_the_run_as_cancelled(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], model="demo/long", options=SLOW)
        run_id = sent["runs"][0]["id"]
        async for frame in _until_text(alice, run_id):
            assert frame
        await alice.http.post(f"/api/runs/{run_id}/cancel/")
        run = await alice.ended(run_id)
        answer = (await alice.messages(session["id"]))[run["message_id"]]
    assert run["status"] == answer["status"] == "cancelled"
    assert answer["text"]
    assert run["usage"]["estimated"]


async def test_a_provider_error_is_visible_and_keeps_what_came(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], model="demo/fail")
        run = await alice.ended(sent["runs"][0]["id"])
        answer = (await alice.messages(session["id"]))[run["message_id"]]
    assert run["status"] == answer["status"] == "failed"
    assert run["error"]["code"] == "provider_failed"
    assert answer["text"]


async def test_an_unknown_model_is_refused_and_nothing_is_written(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        response = await alice.http.post(
            f"/api/sessions/{session['id']}/messages/",
            json={"client_id": "x", "text": "Hello", "model": "nobody/nothing"},
        )
        messages = await alice.messages(session["id"])
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_provider")
    assert not messages


async def _until_text(api: Api, run_id: str) -> Any:
    from tests.clients import read_sse

    async for frame in read_sse(api, run_id, 0):
        yield frame
        if frame["type"] == "text-delta":
            return


@pytest.mark.django_db(transaction=True)
def test_a_change_tells_readers_what_others_changed_meanwhile_too(alice: Any) -> None:
    early = session_create(owner=alice)
    session_update(session=ChatSession.objects.get(id=early.id), title="New")
    told = session_update(session=early, model="demo/chat")
    frames = StreamEvent.objects.filter(stream=early.stream).order_by("seq").values_list("frame", flat=True)
    assert (told.title, told.model) == ("New", "demo/chat")
    assert json.loads(frames[1])["session"]["title"] == "New"
