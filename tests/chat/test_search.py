"""`GET /api/search/`: words in titles and messages, in both languages, of one's own sessions."""

import re
from typing import Any

import pytest

from chat.models import ChatSession, Message, SessionMember
from tests.clients import Api


async def found(api: Api, query: str) -> list[dict[str, Any]]:
    response = await api.http.get("/api/search/", params={"q": query, "page_size": 50})
    assert response.status_code == 200, response.text
    return list(response.json()["results"])


def hits(results: list[dict[str, Any]]) -> set[str]:
    return {piece["text"] for hit in results for piece in hit["snippet"] if piece["hit"]}


@pytest.mark.parametrize(
    "query", ["天气", "weather beijing", "WEBSOC", "气", '"in beijing"', "ｗｅａｔｈｅｒ"]
)
async def test_words_are_found_in_both_languages_and_at_any_length(server: Any, query: str) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        text = "The weather in Beijing over a WebSocket: 今天北京天气很好"
        sent = await alice.send(session["id"], text, model="demo/fast", options={"tokens": 3})
        await alice.ended(sent["runs"][0]["id"])
        results = [hit for hit in await found(alice, query) if hit["session"]["id"] == session["id"]]
    assert sent["message"]["id"] in {hit["message_id"] for hit in results}
    assert hits(results)


async def test_answers_and_changed_titles_are_found(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(title="Rhinoceros")
        path = f"/api/sessions/{session['id']}/"
        assert [hit["message_id"] for hit in await found(alice, "rhinoceros")] == [None]
        await alice.http.patch(path, json={"title": "Hippopotamus"})
        assert await found(alice, "rhinoceros") == []
        assert hits(await found(alice, "popotam")) == {"popotam"}
        sent = await alice.send(session["id"], "Hi", model="demo/chat")
        await found(alice, "before it was written")
        await alice.ended(sent["runs"][0]["id"])
        answer = (await alice.messages(session["id"]))[sent["runs"][0]["message_id"]]
        word = max(re.findall(r"\w+", answer["text"]), key=len)
        assert answer["id"] in {hit["message_id"] for hit in await found(alice, word)}
        await alice.http.delete(path)
        assert await found(alice, "popotam") == []


async def test_carol_finds_nothing_of_alices(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice, Api(server.url, server.keys["carol"]) as carol:
        session = await alice.session(title="Xylophone lessons")
        await alice.send(session["id"], "Where is the xylophone?", model="demo/fast", options={"tokens": 1})
        assert len(await found(alice, "xylophone")) >= 2
        assert await found(carol, "xylophone") == []


@pytest.mark.django_db
def test_a_member_finds_what_is_shared(alice: Any, bob: Any, client: Any) -> None:
    session = ChatSession.objects.create(owner=alice, title="Plans")
    Message.objects.create(session=session, role="user", parts=[{"type": "text", "text": "quokka"}])
    client.force_login(bob)
    assert client.get("/api/search/?q=quokka").json()["results"] == []
    SessionMember.objects.create(session=session, user=bob)
    assert len(client.get("/api/search/?q=quokka").json()["results"]) == 1


@pytest.mark.parametrize(
    "query", ["", "   ", "x" * 201, "a\0b", '"%_\\" OR 1=1 --', "'; DROP TABLE x", "☃", "NEAR(", '"']
)
async def test_odd_queries_are_answered_or_refused_by_name(server: Any, query: str) -> None:
    async with Api(server.url, server.keys["carol"]) as carol:
        response = await carol.http.get("/api/search/", params={"q": query})
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["error"]["field"] == "q"


async def test_pages_go_on_where_the_last_one_ended(server: Any) -> None:
    async with Api(server.url, server.keys["bob"]) as bob:
        ids = {(await bob.session(title=f"Marmalade {number}"))["id"] for number in range(5)}
        seen: list[str] = []
        address: str | None = "/api/search/?q=marmalade&page_size=2"
        while address:
            page = (await bob.http.get(address)).json()
            seen += [hit["session"]["id"] for hit in page["results"]]
            address = page["next"]
    assert len(seen) == 5 and set(seen) == ids
