"""Memory across sessions: proposed from what a person says, told to later answers, never to others."""

import json
from typing import Any

import pytest

from tests.chat.readers import operate
from tests.clients import Api
from tests.memory.asked import (
    FACTS,
    background,
    memories,
    requests,
    said_to,
    say,
    settled,
    system_of,
    unique,
)


def noted(*texts: str, replaces: int = 0, forget: tuple[int, ...] = ()) -> str:
    facts = [{"text": text, "replaces": replaces} for text in texts]
    return json.dumps({"facts": facts, "forget": list(forget)})


@pytest.fixture
async def alice(remembering: Any) -> Any:
    """With nothing remembered of her."""
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        assert (await alice.http.delete("/api/memory/")).status_code == 204
        await alice.http.patch("/api/settings/", json={"memory": True})
        yield alice
        await settled(alice)


async def told_about(alice: Api, vendor: Any, fact: str, words: str) -> Any:
    """A session in which a fact was proposed; gives its id and the run's."""
    vendor.play("cheap", text=noted(fact))
    session = await alice.session(title="Mine")
    await say(alice, session["id"], words)
    [run] = await background(alice, session["id"], "memory")
    return session["id"], run


async def test_a_fact_is_kept_with_its_source_and_told_in_another_session(alice: Any, vendor: Any) -> None:
    words = unique("I drink green tea, by the way. ")
    session_id, run = await told_about(alice, vendor, "The user drinks green tea.", words)
    [fact] = await memories(alice)
    [source] = [m for m in (await alice.messages(session_id)).values() if m["role"] == "user"]
    [told] = [m for m in (await alice.messages(session_id)).values() if m["role"] == "assistant"]
    asked = [body for body in requests(vendor, FACTS) if words in said_to(body)[0][1]]
    other = await alice.session(system_prompt="Be brief.", title="Other", memory=True)
    answered = await say(alice, other["id"], "What should I drink?")
    sent = requests(vendor)[-1]
    assert (fact["text"], fact["session_id"], fact["message_id"]) == (
        "The user drinks green tea.",
        session_id,
        source["id"],
    )
    assert (run["status"], len(asked), told["context"]) == ("completed", 1, {"noted": [fact["id"]]})
    assert "Yes." not in said_to(asked[0])[0][1]  # only her own words
    assert system_of(sent).startswith("Be brief.\n\nWhat is known of the person")
    assert "- The user drinks green tea. (20" in system_of(sent)
    assert answered["context"] == {"memories": [fact["id"]]}


async def test_what_is_relevant_is_told_within_the_budget(remembering: Any, alice: Any, vendor: Any) -> None:
    for text in ("The user drinks green tea.", "用户住在杭州。", "The user is allergic to peanuts."):
        assert (await alice.http.post("/api/memory/", json={"text": text})).status_code == 201
    await operate(remembering, "MemorySettings.objects.create(pk=1, memory_tokens=16, titles=False)")
    try:
        session = await alice.session(title="Mine", memory=True)
        sent = []
        for words in ("我周末在杭州做什么？", "What about my allergies?"):
            await say(alice, session["id"], words)
            sent.append(system_of(requests(vendor)[-1]))
    finally:
        await operate(remembering, "MemorySettings.objects.all().delete()")
    assert "杭州" in sent[0] and "peanuts" not in sent[0]
    assert "peanuts" in sent[1] and "tea" not in sent[1]


async def test_nobody_else_sees_or_is_told_anything(remembering: Any, alice: Any, vendor: Any) -> None:
    secret = unique("The user keeps bees ")
    _session_id, run = await told_about(alice, vendor, secret, "I keep bees.")
    [fact] = await memories(alice)
    async with Api(remembering.url, remembering.keys["carol"]) as carol:
        found, searched = await memories(carol), await memories(carol, "bees")
        touched = [
            (await carol.http.get(f"/api/memory/{fact['id']}/")).status_code,
            (await carol.http.patch(f"/api/memory/{fact['id']}/", json={"text": "x"})).status_code,
            (await carol.http.delete(f"/api/memory/{fact['id']}/")).status_code,
            (await carol.http.get(f"/api/runs/{run['id']}/")).status_code,
        ]
        await carol.http.delete("/api/memory/")
        hers = await carol.session()
        await say(carol, hers["id"], "What do I keep? Bees?")
        told = system_of(requests(vendor)[-1])
    assert (found, searched, touched) == ([], [], [404, 404, 404, 404])
    assert "bees" not in told
    assert [one["text"] for one in await memories(alice)] == [secret]


@pytest.mark.parametrize(
    "shared", [("members", {"username": "bob", "role": "viewer"}), ("links", {"live": True})]
)
async def test_where_others_read_along_nothing_is_told_or_noted(
    alice: Any, vendor: Any, shared: tuple[str, Any]
) -> None:
    await alice.http.post("/api/memory/", json={"text": "The user keeps bees."})
    session = await alice.session(title="Shared")
    way, body = shared
    made = await alice.http.post(f"/api/sessions/{session['id']}/{way}/", json=body)
    run = await say(alice, session["id"], "What do I keep?")
    runs = (await alice.http.get(f"/api/sessions/{session['id']}/runs/?kind=memory")).json()["results"]
    assert made.status_code == 201
    assert "bees" not in system_of(requests(vendor)[-1])
    assert (run["context"], runs) == (None, [])


async def test_the_words_of_a_proposal_are_nowhere_but_in_memory(
    remembering: Any, alice: Any, vendor: Any
) -> None:
    secret = unique("The user keeps wasps ")
    _session_id, run = await told_about(alice, vendor, secret, "I keep wasps in a hive.")
    events = await alice.http.get(f"/api/runs/{run['id']}/events/")
    await operate(
        remembering, f"assert '{secret}' not in str(Message.objects.get(id='{run['message_id']}').parts)"
    )
    assert run["usage"] and secret not in events.text


@pytest.mark.parametrize("place", ["person", "session"])
async def test_it_can_be_switched_off(alice: Any, vendor: Any, place: str) -> None:
    await alice.http.post("/api/memory/", json={"text": "The user keeps bees."})
    session = await alice.session(title="Mine")
    path = "/api/settings/" if place == "person" else f"/api/sessions/{session['id']}/"
    off = await alice.http.patch(path, json={"memory": False})
    await say(alice, session["id"], "What do I keep?")
    made = (await alice.http.get(f"/api/sessions/{session['id']}/runs/?kind=memory")).json()["results"]
    assert (off.status_code, off.json()["memory"], made) == (200, False, [])
    assert "bees" not in system_of(requests(vendor)[-1])
    assert len(await memories(alice)) == 1


async def test_a_nod_is_not_worth_a_question(alice: Any, vendor: Any) -> None:
    session = await alice.session(title="Mine")
    await say(alice, session["id"], "Thanks")
    made = (await alice.http.get(f"/api/sessions/{session['id']}/runs/?kind=memory")).json()["results"]
    assert made == []


async def test_facts_are_corrected_and_forgotten_when_the_person_says_so(alice: Any, vendor: Any) -> None:
    await alice.http.post("/api/memory/", json={"text": "The user lives in Hangzhou."})
    session = await alice.session(title="Mine")
    vendor.play("cheap", text=noted("The user lives in Suzhou.", replaces=1))
    await say(alice, session["id"], "I moved from Hangzhou to Suzhou.")
    await background(alice, session["id"], "memory")
    corrected = [fact["text"] for fact in await memories(alice)]
    vendor.play("cheap", text=noted(forget=(1,)))
    await say(alice, session["id"], "Forget where I live.")
    await background(alice, session["id"], "memory", count=2)
    told = said_to(requests(vendor, FACTS)[-1])[0][1]
    assert corrected == ["The user lives in Suzhou."]
    assert told.startswith("KNOWN:\n1. The user lives in Suzhou.\n")
    assert await memories(alice) == []


async def test_memory_is_searched_changed_and_deleted(alice: Any) -> None:
    for text in ("The user drinks green tea.", "用户住在杭州，喜欢爬山。"):
        await alice.http.post("/api/memory/", json={"text": text})
    [found] = await memories(alice, "爬山")
    changed = await alice.http.patch(f"/api/memory/{found['id']}/", json={"text": "用户住在苏州。"})
    again = [fact["text"] for fact in await memories(alice, "苏州")]
    await alice.http.delete(f"/api/memory/{found['id']}/")
    assert (changed.json()["edited"], again) == (True, ["用户住在苏州。"])
    assert [fact["text"] for fact in await memories(alice)] == ["The user drinks green tea."]


async def test_deleting_a_session_takes_what_was_drawn_from_it(alice: Any, vendor: Any) -> None:
    await alice.http.post("/api/memory/", json={"text": "The user keeps bees."})
    session_id, _ = await told_about(alice, vendor, "The user drinks tea.", "I drink tea.")
    before = len(await memories(alice))
    await alice.http.delete(f"/api/sessions/{session_id}/")
    assert before == 2
    assert [fact["text"] for fact in await memories(alice)] == ["The user keeps bees."]


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "text"), ({"text": ""}, "text"), ({"text": "x" * 501}, "text"), ({"fact": "x"}, "fact")],
)
async def test_what_is_wrong_is_named(alice: Any, body: Any, field: str) -> None:
    refused = await alice.http.post("/api/memory/", json=body)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)
