"""Comments on messages: who may, who sees them and when, and that no model does."""

import json
import uuid
from typing import Any

import pytest

from tests.chat.test_sharing import let_in, shared, until
from tests.clients import Api, Frame, Socket

__all__ = ["shared"]  # a fixture


async def answered(alice: Api, session: str, **fields: Any) -> str:
    """The answer's id."""
    run = (await alice.send(session, model="openai/gpt-fake", **fields))["runs"][0]
    await alice.ended(run["id"])
    return str(run["message_id"])


async def comment(api: Api, session: str, text: str, **fields: Any) -> Any:
    body = {"client_id": uuid.uuid4().hex, "text": text, **fields}
    return await api.http.post(f"/api/sessions/{session}/comments/", json=body)


async def comments(api: Api, session: str) -> list[Frame]:
    return list((await api.http.get(f"/api/sessions/{session}/comments/")).json()["results"])


async def test_a_comment_is_seen_live_begins_no_run_and_goes_to_no_model(
    server: Any, shared: Any, vendor: Any
) -> None:
    alice, _, session = shared
    vendor.play(text="Fine.")
    answer = await answered(alice, session)
    await let_in(alice, session, "commenter")
    asked = len(vendor.requests)
    async with (
        await Socket.open(server.ws_url, server.keys["alice"]) as hers,
        await Socket.open(server.ws_url, server.keys["bob"]) as his,
    ):
        await hers.ask("subscribe", session_id=session)
        words = {"session_id": session, "client_id": uuid.uuid4().hex, "text": "这里不对。"}
        said = (await his.ask("comment.add", **words))["comment"]
        again = (await his.ask("comment.add", **words))["comment"]
        seen = (await until(hers, "comment-added"))["comment"]
        await his.ask("comment.remove", session_id=session, comment_id=said["id"])
        gone = await until(hers, "comment-removed")
    assert seen == said == again
    assert (said["message_id"], said["author"]["name"], said["text"]) == (answer, "bob", "这里不对。")
    assert gone["comment_id"] == said["id"] and not await comments(alice, session)
    assert len(vendor.requests) == asked
    await comment(alice, session, "Not for models.", message_id=answer)
    await answered(alice, session)
    assert "Not for models" not in json.dumps(vendor.requests[-1].body)


@pytest.mark.parametrize(
    ("role", "status"), [(None, 404), ("viewer", 403), ("commenter", 201), ("driver", 201)]
)
async def test_each_role_comments_or_not(shared: Any, vendor: Any, role: str | None, status: int) -> None:
    alice, bob, session = shared
    vendor.play(text="Fine.")
    await answered(alice, session)
    hers = (await comment(alice, session, "Mine.")).json()
    if role:
        await let_in(alice, session, role)
    assert (await comment(bob, session, "His.")).status_code == status
    refused = await bob.http.delete(f"/api/sessions/{session}/comments/{hers['id']}/")
    assert refused.status_code == (403 if role else 404)
    assert (await bob.http.get(f"/api/sessions/{session}/comments/")).status_code == (200 if role else 404)
    for one in await comments(alice, session):  # the owner clears up
        assert (await alice.http.delete(f"/api/sessions/{session}/comments/{one['id']}/")).status_code == 204


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"text": " "}, 400, "text"),
        ({"text": "x" * 2001}, 400, "text"),
        ({"message_id": str(uuid.uuid4())}, 404, "message_id"),
        ({"message_id": "no id"}, 400, "message_id"),
        ({"client_id": ""}, 400, "client_id"),
        ({"role": "king"}, 400, "role"),
    ],
)
async def test_a_comment_that_cannot_be_is_refused_by_name(
    shared: Any, vendor: Any, fields: Any, status: int, field: str
) -> None:
    alice, _, session = shared
    vendor.play(text="Fine.")
    await answered(alice, session)
    told = await comment(alice, session, **{"text": "Fine.", **fields})
    assert (told.status_code, told.json()["error"]["field"]) == (status, field)
    assert not await comments(alice, session)


async def test_comments_come_with_the_snapshot_and_with_an_export(
    server: Any, shared: Any, vendor: Any
) -> None:
    alice, bob, session = shared
    vendor.play(text="Fine.")
    answer = await answered(alice, session)
    await let_in(alice, session, "commenter")
    await comment(alice, session, "Mine.")
    await comment(bob, session, "His.", message_id=answer)
    async with await Socket.open(server.ws_url, server.keys["bob"]) as his:
        await his.ask("subscribe", session_id=session)
        told = await until(his, "snapshot")
    assert [one["text"] for one in told["comments"]] == ["Mine.", "His."]
    exported = (await alice.http.get(f"/api/sessions/{session}/export/")).content
    brought = (await alice.http.post("/api/import/", content=exported)).json()["results"][0]["id"]
    assert [
        (one["author"] and one["author"]["name"], one["name"]) for one in await comments(alice, brought)
    ] == [
        ("alice", ""),
        (None, "bob"),
    ]
    assert (await alice.http.get(f"/api/sessions/{brought}/export/")).content == exported
