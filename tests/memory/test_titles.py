"""Titles that a model writes in the background."""

from typing import Any

from tests.clients import Api, eventually
from tests.memory.asked import TITLE, background, requests, said_to, say, unique


async def title_of(api: Api, session_id: str) -> str:
    return str((await api.http.get(f"/api/sessions/{session_id}/")).json()["title"])


async def test_a_chat_that_nobody_named_gets_a_title(remembering: Any, vendor: Any) -> None:
    question = unique("Why is the sky blue, ")
    vendor.play("cheap", text='"The blue sky"')
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        session = await alice.session(memory=False)
        await say(alice, session["id"], question)
        [run] = await background(alice, session["id"], "title")
        title = await title_of(alice, session["id"])
        await say(alice, session["id"], "And at night?")
        again = await background(alice, session["id"], "title")
    asked = [body for body in requests(vendor, TITLE) if question in said_to(body)[0][1]]
    assert title == "The blue sky"
    assert (run["status"], run["kind"], len(again), len(asked)) == ("completed", "title", 1, 1)
    assert said_to(asked[0]) == [("user", f"USER: {question}\n\nASSISTANT: Yes.")]


async def test_a_name_that_a_person_gave_is_never_overwritten(remembering: Any, vendor: Any) -> None:
    vendor.play("cheap", text="Another title", delay=1.0)
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        named = await alice.session(title="Mine", memory=False)
        await say(alice, named["id"], "Hello")
        renamed = await alice.session(memory=False)
        await say(alice, renamed["id"], "Hello")
        await alice.http.patch(f"/api/sessions/{renamed['id']}/", json={"title": "My own"})
        await background(alice, renamed["id"], "title")
        titles = [await title_of(alice, session["id"]) for session in (named, renamed)]
        made = (await alice.http.get(f"/api/sessions/{named['id']}/runs/?kind=title")).json()["results"]
    assert titles == ["Mine", "My own"]
    assert made == []


async def test_without_an_answer_of_the_model_the_first_words_stay(remembering: Any, vendor: Any) -> None:
    vendor.play("cheap", status=401)
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        session = await alice.session(memory=False)
        await say(alice, session["id"], "Hello, who are you?")
        await background(alice, session["id"], "title")
        title = await title_of(alice, session["id"])
    assert title == "Hello, who are you?"


async def test_background_work_survives_kill_9(own_server: Any, vendor: Any) -> None:
    vendor.play("cheap", text="Kept all the same", delay=30)
    own_server.environment.update(BACKGROUND_MODEL="openai/cheap", RUN_LEASE_SECONDS="2")
    own_server.start()
    key = own_server.cast()["alice"]

    async def begun() -> list[Any]:
        return (await alice.http.get(f"/api/sessions/{session['id']}/runs/?kind=title&")).json()["results"]

    async with Api(own_server.url, key) as alice:
        session = await alice.session(memory=False)
        await say(alice, session["id"], "Hello")
        await eventually(begun)
        own_server.kill()
        vendor.play("cheap", text="Kept all the same")
        own_server.start()
        [run] = await background(alice, session["id"], "title")
        title = await title_of(alice, session["id"])
    assert (title, run["status"]) == ("Kept all the same", "completed")


async def test_background_work_leaves_the_places_to_people(own_server: Any, vendor: Any) -> None:
    vendor.play("cheap", text="Late", delay=300)
    own_server.environment.update(BACKGROUND_MODEL="openai/cheap", RUN_CONCURRENCY="2")
    own_server.start()

    async def titles() -> list[str]:
        paths = [f"/api/sessions/{session['id']}/runs/?kind=title" for session in sessions]
        found = [run for path in paths for run in (await alice.http.get(path)).json()["results"]]
        return sorted(run["status"] for run in found)

    async def begun() -> bool:
        return await titles() == ["queued", "queued", "running"]

    async with Api(own_server.url, own_server.cast()["alice"]) as alice:
        sessions = [await alice.session(memory=False) for _ in range(3)]
        for session in sessions:  # the last ones with a title being made beside them
            await say(alice, session["id"], "Hello")
        await eventually(begun)
        again = await say(alice, sessions[0]["id"], "And now?")
    assert again["status"] == "completed"
