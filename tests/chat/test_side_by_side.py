"""Several answers to one message, side by side: each with a run, an end and a price of its own."""

import uuid
from typing import Any

from tests.clients import Api

SLOW = {"tokens": 2000, "rate": 50}
TARGETS: list[dict[str, Any]] = [
    {"model": "demo/fast", "options": {"seed": 1, "tokens": 5}},
    {"provider": "demo", "model": "fail"},
    {"model": "demo/fast", "options": {"seed": 2, "tokens": 9}},
]


async def _asked(alice: Api, targets: Any, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    session = await alice.session()
    return session, await alice.send(session["id"], "Who is right?", targets=targets, **fields)


async def test_each_target_answers_in_a_run_of_its_own_and_a_failing_one_stops_no_other(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session, sent = await _asked(alice, TARGETS)
        runs = [await alice.ended(run["id"]) for run in sent["runs"]]
        messages = await alice.messages(session["id"])
        shown = (await alice.http.get(f"/api/sessions/{session['id']}/")).json()
    answers = [messages[run["message_id"]] for run in runs]
    assert [run["status"] for run in runs] == ["completed", "failed", "completed"]
    assert [run["usage"]["output_tokens"] for run in (runs[0], runs[2])] == [5, 9]
    assert [answer["place"] for answer in answers] == [0, 1, 2]
    assert {answer["parent_id"] for answer in answers} == {sent["message"]["id"]}
    assert answers[2]["options"] == {"seed": 2, "tokens": 9}
    assert shown["leaf_id"] == sent["message"]["id"], "none of them was kept yet"


async def test_the_same_client_id_again_asks_nobody_again(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session, sent = await _asked(alice, TARGETS, client_id="one-question")
        again = await alice.send(session["id"], "Who is right?", targets=TARGETS, client_id="one-question")
    assert [run["id"] for run in again["runs"]] == [run["id"] for run in sent["runs"]]


async def test_a_stop_ends_one_of_them_and_a_retry_takes_its_place(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        long = {"model": "demo/long", "options": SLOW}
        session, sent = await _asked(alice, [{"model": "demo/fast"}, long])
        stopped = sent["runs"][1]
        await alice.http.post(f"/api/runs/{stopped['id']}/cancel/")
        ends = [(await alice.ended(run["id"]))["status"] for run in sent["runs"]]
        command = {"type": "message.regenerate", "client_id": uuid.uuid4().hex}
        again = await alice.http.post("/api/commands/", json={**command, "message_id": stopped["message_id"]})
        run = again.json()["runs"][0]
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        messages = await alice.messages(session["id"])
        shown = (await alice.http.get(f"/api/sessions/{session['id']}/")).json()
    assert ends == ["completed", "cancelled"]
    assert (run["model"], run["options"]) == ("long", SLOW)
    assert messages[run["message_id"]]["place"] == 1
    assert shown["leaf_id"] == sent["message"]["id"]


async def test_a_conversation_goes_on_from_the_one_that_is_kept_else_from_the_first(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session, sent = await _asked(alice, TARGETS)
        for run in sent["runs"]:
            await alice.ended(run["id"])
        answers = [run["message_id"] for run in sent["runs"]]
        first = await alice.send(session["id"], "And then?", model="demo/fast")
        await alice.ended(first["runs"][0]["id"])
        kept = await alice.http.patch(f"/api/sessions/{session['id']}/", json={"leaf_id": answers[2]})
        second = await alice.send(session["id"], "And then?", model="demo/fast")
    assert kept.status_code == 200
    assert first["message"]["parent_id"] == answers[0]
    assert second["message"]["parent_id"] == answers[2]


async def test_targets_that_make_no_sense_are_refused_by_name_and_nothing_is_written(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        path = f"/api/sessions/{session['id']}/messages/"
        one, odd = {"model": "demo/fast"}, {"model": "demo/fast", "colour": "red"}
        codes = []
        for targets in ([], [one], [one] * 5, [one, odd], [one, "demo/fast"], [one, {"model": "no/such"}]):
            body = {"client_id": uuid.uuid4().hex, "text": "Hello", "targets": targets}
            answer = await alice.http.post(path, json=body)
            codes.append((answer.status_code, answer.json()["error"].get("field", "")))
        messages = await alice.messages(session["id"])
    assert [code for code, _ in codes] == [400] * 5 + [404]
    assert all(field.startswith("targets") for code, field in codes[:5])
    assert not messages
