"""Carol gets 404 for everything of alice's, on every path, and the same 404 as for what is not there."""

import uuid
from typing import Any

import pytest

from tests.clients import Api, Socket, refusal

PATHS = [
    ("GET", "/api/sessions/{session}/"),
    ("PATCH", "/api/sessions/{session}/"),
    ("DELETE", "/api/sessions/{session}/"),
    ("GET", "/api/sessions/{session}/messages/"),
    ("POST", "/api/sessions/{session}/messages/"),
    ("GET", "/api/sessions/{session}/events/"),
    ("GET", "/api/runs/{run}/"),
    ("POST", "/api/runs/{run}/cancel/"),
    ("GET", "/api/runs/{run}/events/"),
]
BODY = {"client_id": "carol-1", "text": "Hello"}


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_carol_gets_404_for_alices(server: Any, method: str, path: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        session = await alice.session(title="Private")
        run = (await alice.send(session["id"], model="demo/fast"))["runs"][0]["id"]
        body = BODY if path.endswith("messages/") else {}
        theirs = await carol.http.request(method, path.format(session=session["id"], run=run), json=body)
        nobodys = await carol.http.request(
            method, path.format(session=uuid.uuid4(), run=uuid.uuid4()), json=body
        )
        mine = await alice.http.get(f"/api/sessions/{session['id']}/")
    assert theirs.status_code == nobodys.status_code == 404
    assert refusal(theirs) == refusal(nobodys)
    assert mine.json()["title"] == "Private"


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ("subscribe", "session_id"),
        ("message.send", "session_id"),
        ("typing", "session_id"),
        ("run.cancel", "run_id"),
        ("message.edit", "message_id"),
        ("message.regenerate", "message_id"),
    ],
)
async def test_carol_gets_not_found_over_the_socket(server: Any, command: str, field: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], model="demo/fast")
    ids = {"session_id": session["id"], "run_id": sent["runs"][0]["id"], "message_id": sent["message"]["id"]}
    async with await Socket.open(server.ws_url, server.keys["carol"]) as carol:
        reply = (
            await carol.ask(command, **BODY, **{field: ids[field]})
            if "message." in command
            else await carol.ask(command, **{field: ids[field]})
        )
    assert not reply["ok"]
    assert reply["error"]["code"] == "not_found"


async def test_lists_hold_only_ones_own(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        session = await alice.session()
        theirs = (await carol.http.get("/api/sessions/?page_size=200")).json()["results"]
    assert session["id"] not in {row["id"] for row in theirs}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer pk-wrong"}, {"x-api-key": "wrong"}])
async def test_without_a_good_key_the_answer_is_401(server: Any, headers: dict[str, str]) -> None:
    async with Api(server.url, "") as nobody:
        nobody.http.headers = headers  # type: ignore[assignment]
        for path in ("/api/sessions/", "/api/models/", f"/api/runs/{uuid.uuid4()}/events/"):
            response = await nobody.http.get(path)
            assert (response.status_code, response.headers["content-type"]) == (401, "application/json")
