"""What is sent upstream of a long conversation: a window, and a summary of what fell out of it."""

from typing import Any

from tests.chat.readers import operate
from tests.clients import Api
from tests.memory.asked import SUMMARY, background, requests, said_to, say, system_of

LONG = "word " * 40  # about 50 tokens
ROOM = 320  # tokens


async def long_session(api: Api, vendor: Any, turns: int = 4, **fields: Any) -> str:
    """`turns` questions and answers, of about a hundred tokens each."""
    session = await api.session(system_prompt="Be brief.", history_tokens=ROOM, **fields)
    for number in range(turns):
        vendor.play(text=f"Answer {number}. {LONG}")
        await say(api, session["id"], f"Question {number}. {LONG}")
    return str(session["id"])


async def test_old_turns_are_left_out_and_it_is_said_so(server: Any, vendor: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session_id = await long_session(alice, vendor)
        run = await say(alice, session_id, "And now?")
        answer = (await alice.messages(session_id))[run["message_id"]]
    asked = vendor.requests[-1].body
    assert system_of(asked) == "Be brief."
    assert [text[:10] for _, text in said_to(asked)] == [
        "Question 2",
        "Answer 2. ",
        "Question 3",
        "Answer 3. ",
        "And now?",
    ]
    assert run["context"]["window"]["left_out"] == 4
    assert run["context"]["window"]["summarized"] == 0
    assert answer["context"] == run["context"]


async def test_a_models_context_is_its_window(server: Any, vendor: Any) -> None:
    await operate(
        server,
        "from providers.models import ProviderModel\n"
        "ProviderModel.objects.create(provider_id='openai', name='small', context_length=400)",
    )
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        for number in range(4):
            vendor.play(text=f"Answer {number}. {LONG}")
            await say(alice, session["id"], f"Question {number}. {LONG}", model="openai/small")
        sent = vendor.requests[-1].body
        whole = await say(alice, session["id"], "And now?", model="openai/gpt-fake")
    assert next(text[:10] for _, text in said_to(sent)) == "Question 2"
    assert len(said_to(vendor.requests[-1].body)) == 9
    assert whole["context"] is None


async def test_a_summary_takes_the_place_of_what_falls_out(remembering: Any, vendor: Any) -> None:
    vendor.play("cheap", text="They spoke of questions 0 and 1.")
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        session_id = await long_session(alice, vendor, turns=3, title="Mine", memory=False)
        [made] = await background(alice, session_id, "summary")
        [summary] = (await alice.http.get(f"/api/sessions/{session_id}/summaries/")).json()["results"]
        told = requests(vendor, SUMMARY)[-1]
        run = await say(alice, session_id, f"And now? {LONG}")
        sent = requests(vendor)[-1]
        shown = await alice.messages(session_id)
    assert said_to(told)[0][1].startswith(f"USER: Question 0. {LONG.strip()}")
    assert "Question 2" not in said_to(told)[0][1]
    assert (made["status"], made["kind"], made["parent_id"] is None) == ("completed", "summary", False)
    assert made["usage"]["output_tokens"] and summary["run_id"] == made["id"]
    assert system_of(sent).startswith("Be brief.") and system_of(sent).endswith(
        "They spoke of questions 0 and 1."
    )
    assert [text[:10] for _, text in said_to(sent)] == ["Question 2", "Answer 2. ", "And now? w"]
    assert run["context"]["window"]["summary_id"] == summary["id"]
    assert run["context"]["window"]["left_out"] == run["context"]["window"]["summarized"] == 4
    assert made["message_id"] not in shown


async def test_a_person_changes_a_summary_and_the_next_one_builds_on_it(
    remembering: Any, vendor: Any
) -> None:
    vendor.play("cheap", text="They spoke.")
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        session_id = await long_session(alice, vendor, turns=3, title="Mine", memory=False)
        await background(alice, session_id, "summary")
        address = f"/api/sessions/{session_id}/summaries/"
        [summary] = (await alice.http.get(address)).json()["results"]
        changed = await alice.http.patch(f"{address}{summary['id']}/", json={"text": "The answer is 42."})
        for number in range(2):
            await say(alice, session_id, f"More {number}. {LONG}")
        await background(alice, session_id, "summary", count=2)
        texts = [said_to(body)[0][1] for body in requests(vendor, SUMMARY)]
        told = next(text for text in texts if "The answer is 42." in text)
        gone = await alice.http.delete(f"{address}{summary['id']}/")
    async with Api(remembering.url, remembering.keys["carol"]) as carol:
        foreign = await carol.http.get(address)
        touched = await carol.http.patch(f"{address}{summary['id']}/", json={"text": "Mine now."})
    assert (changed.status_code, changed.json()["edited"], gone.status_code) == (200, True, 204)
    assert told.startswith("SUMMARY OF WHAT CAME BEFORE: The answer is 42.") and "Question 0" not in told
    assert (foreign.status_code, touched.status_code) == (404, 404)


async def test_nobody_waits_for_a_summary_and_its_failure_harms_nothing(
    remembering: Any, vendor: Any
) -> None:
    vendor.play("cheap", status=401)
    async with Api(remembering.url, remembering.keys["alice"]) as alice:
        session_id = await long_session(alice, vendor, turns=3, title="Mine", memory=False)
        [failed] = await background(alice, session_id, "summary")
        run = await say(alice, session_id, "And now?")
    assert failed["status"] == "failed"
    assert run["status"] == "completed"
