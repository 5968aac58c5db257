"""Sessions out of the server and in again: what was imported is exported as the same bytes."""

import json
from typing import Any

import pytest

from tests.carrying.samples import ANSWER, CLAUDE, FOREIGN, OTHER, QUESTION
from tests.clients import Api

TREE = {
    "format": "parley/1",
    "title": "Trip 旅行",
    "system_prompt": "Be brief",
    "session_data": {"step": 1},
    "leaf": 3,
    "messages": [
        {
            "id": 1,
            "role": "user",
            "parts": [
                {"type": "text", "text": "Look"},
                {"type": "file", "media_type": "text/plain", "file_id": "file-1", "name": "a.txt"},
            ],
            "author": "alice",
            "created_at": "2024-05-01T10:00:00Z",
        },
        {
            "id": 2,
            "parent": 1,
            "place": 0,
            "role": "assistant",
            "parts": [{"type": "reasoning", "text": "hm", "id": "r"}, {"type": "text", "text": "One"}],
            "provider": "openai",
            "model": "gpt",
            "usage": {"input_tokens": 3, "output_tokens": 4},
            "cost": "0.0012",
            "created_at": "2024-05-01T10:00:01Z",
        },
        {
            "id": 3,
            "parent": 1,
            "place": 1,
            "role": "assistant",
            "parts": [{"type": "text", "text": "Two"}],
            "status": "failed",
            "error": {"code": "x", "message": "y"},
            "created_at": "2024-05-01T10:00:02Z",
        },
    ],
    "files": [{"id": "file-1", "name": "a.txt", "data": "d29yZHM="}],
}


async def brought_in(api: Api, data: Any) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return await api.http.post(
        "/api/import/", content=body, headers={"Content-Type": "application/octet-stream"}
    )


async def exported(api: Api, session: str, query: str = "") -> bytes:
    response = await api.http.get(f"/api/sessions/{session}/export/{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-disposition"].startswith("attachment")
    return bytes(response.content)


async def test_an_export_imported_again_is_equal(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        first = (await brought_in(alice, TREE)).json()["results"][0]
        once = await exported(alice, first["id"])
        again = (await brought_in(alice, once)).json()["results"][0]
        assert again["id"] != first["id"] and again["messages"] == 3
        assert await exported(alice, again["id"]) == once
        assert json.loads(once) == TREE
        assert "files" not in json.loads(await exported(alice, first["id"], "?files=false"))


async def test_a_conversation_of_this_server_comes_back_whole_and_goes_on(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(title="Here")
        sent = await alice.send(session["id"], QUESTION, model="demo/chat")
        await alice.ended(sent["runs"][0]["id"])
        once = await exported(alice, session["id"])
        copy = (await brought_in(alice, once)).json()["results"][0]["id"]
        assert await exported(alice, copy) == once
        markdown = await exported(alice, session["id"], "?as=markdown")
        read = (await brought_in(alice, markdown)).json()["results"][0]["id"]
        assert await exported(alice, read, "?as=markdown") == markdown
        more = await alice.send(copy, "And then?", model="demo/fast", options={"tokens": 2})
        assert (await alice.ended(more["runs"][0]["id"]))["status"] == "completed"


@pytest.mark.parametrize("name", FOREIGN)
async def test_other_programs_exports_become_sessions_of_ones_own(server: Any, name: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        answer = await brought_in(alice, [FOREIGN[name], {"no": "conversation"}, FOREIGN[name]])
        assert answer.status_code == 201
        assert [one["index"] for one in answer.json()["left_out"]] == [1]
        first, second = (one["id"] for one in answer.json()["results"])
        texts = {message["text"] for message in (await alice.messages(first)).values()}
        assert texts == {QUESTION, ANSWER, OTHER}
        assert (await alice.http.get(f"/api/sessions/{second}/")).json()["title"] == "Quokkas"
        for path in ("", "export/", "export/?as=markdown"):
            assert (await carol.http.get(f"/api/sessions/{first}/{path}")).status_code == 404


async def test_words_of_others_are_nobodys_here(server: Any) -> None:
    async with Api(server.url, server.keys["bob"]) as bob:
        session = (await brought_in(bob, TREE)).json()["results"][0]["id"]
        message = next(iter((await bob.messages(session)).values()))
    assert (message["author"], message["name"]) == (None, "alice")


@pytest.mark.parametrize(
    "data",
    [b"", b"[1]", b"nothing", b"[", json.dumps({**TREE, "files": [{"id": "1", "data": "%"}]}).encode()],
)
async def test_a_bad_file_is_refused_in_json(server: Any, data: bytes) -> None:
    async with Api(server.url, server.keys["carol"]) as carol:
        before = (await carol.http.get("/api/sessions/")).json()["results"]
        answer = await brought_in(carol, data)
        assert answer.status_code == 400 and answer.json()["error"]["code"]
        assert (await carol.http.get("/api/sessions/")).json()["results"] == before


@pytest.mark.django_db(transaction=True)
def test_the_commands_carry_everything_of_a_person(
    alice: Any, bob: Any, tmp_path: Any, settings: Any
) -> None:
    from django.core.management import call_command

    settings.UPLOADS_DIR = tmp_path / "uploads"
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    source.write_text(json.dumps([CLAUDE, CLAUDE]))
    call_command("sessions_import", "alice", str(source))
    call_command("sessions_export", "alice", str(out))
    assert len(out.read_bytes().splitlines()) == 2
    call_command("sessions_import", "bob", str(out))
    assert bob.chat_sessions.count() == 2
