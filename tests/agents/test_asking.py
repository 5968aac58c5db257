"""Workflows that ask the person, choose, and go round: on a real server."""

from pathlib import Path
from typing import Any

import pytest

from tests.agents.test_workflows import begun, frames_of
from tests.chat.readers import operate
from tests.clients import Api, Socket, eventually

WORK = """
- {name: a-first, model: demo/fast, listed: false, options: {script: [{text: "Rough draft."}]}}
- {name: a-slow, model: demo/long, options: {tokens: 2000, rate: 20}, timeout_seconds: 1}
- {name: a-last, model: openai/gpt-fake, instructions: Finish it., pace: {name: chunked, chunk_by: word}}
- name: a-asks
  stages:
    - {name: draft, agents: [a-first]}
    - {name: tone, label: Your wish, ask: "Which tone for: {draft.output}"}
    - {name: final, agents: [a-last], input: "{draft.output} Tone: {tone.output}"}
- name: a-loops
  stages:
    - {name: draft, agents: [a-first], input: "{message} Before: {check.output}"}
    - name: check
      agents: [w-check]
      repeat: {from: draft, until: {text: "{check.output}", contains: good}, most: 3}
    - {name: more, agents: [a-first], when: {text: "{check.output}", contains: "no such word"}}
    - {name: final, agents: [a-last], input: "<{check.output}> <{more.output}>"}
- {name: a-self, model: demo/fast, options: {script: [{text: "Myself."}]}}
- name: a-hurried
  stages:
    - {name: work, agents: [a-first, a-slow]}
    - {name: final, agents: [a-last], input: "{work.output}"}
"""
CHECK = """
- {name: w-check, model: openai/checker, listed: false}
"""


def import_work(server: Any, folder: Path) -> None:
    file = folder / "work.yaml"
    file.write_text(CHECK + WORK)
    server.manage("agents_import", str(file))


@pytest.fixture(scope="module")
def work(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import_work(server, tmp_path_factory.mktemp("work"))
    return server


async def waiting(alice: Api, run_id: str) -> dict[str, Any]:
    """The call that waits, once the run does."""

    async def waits() -> bool:
        return bool((await alice.run(run_id))["status"] == "waiting")

    await eventually(waits)
    calls = (await alice.http.get(f"/api/runs/{run_id}/tool-calls/")).json()["results"]
    return dict(next(call for call in calls if call["state"] == "waiting"))


async def decide(alice: Api, run_id: str, call: dict[str, Any], **decision: Any) -> Any:
    return await alice.http.post(f"/api/runs/{run_id}/tool-calls/{call['id']}/decide/", json=decision)


async def test_a_workflow_asks_waits_and_goes_on_with_the_answer(work: Any, vendor: Any) -> None:
    vendor.play(text="All done.")
    async with Api(work.url, work.keys["alice"]) as alice:
        session_id, run = await begun(alice, "a-asks")
        call = await waiting(alice, run["id"])
        empty = await decide(alice, run["id"], call, decision="approve")
        wrong = await decide(alice, run["id"], call, decision="approve", arguments={"answer": ""})
        said = await decide(alice, run["id"], call, decision="approve", arguments={"answer": "Warm."})
        frames = await frames_of(alice, run["id"])
        answer = (await alice.messages(session_id))[run["message_id"]]
    assert (call["tool"], call["arguments"]) == ("ask_user", '{"question": "Which tone for: Rough draft."}')
    assert [refused.json()["error"]["field"] for refused in (empty, wrong)] == ["arguments", "arguments"]
    assert said.status_code == 200
    assert vendor.requests[-1].body["messages"][-1]["content"] == "Rough draft. Tone: Warm."
    assert (answer["status"], answer["text"]) == ("complete", "All done.")
    starts = [frame["name"] for frame in frames if frame["type"] == "agent-start"]
    assert starts == ["a-first", "a-last"]  # what was told before the question is not told again
    deltas = "".join(frame["delta"] for frame in frames if frame["type"] == "text-delta")
    assert deltas.count("All done.") == 1


async def test_the_question_is_answered_over_the_socket_or_left_open(work: Any, vendor: Any) -> None:
    vendor.play(text="All done.")
    async with Api(work.url, work.keys["alice"]) as alice:
        _, run = await begun(alice, "a-asks")
        call = await waiting(alice, run["id"])
        async with await Socket.open(work.ws_url, work.keys["alice"]) as socket:
            place = {"run_id": run["id"], "tool_call_id": call["id"]}
            reply = await socket.ask("tool.decide", **place, decision="reject")
        ended = await alice.ended(run["id"])
    assert reply["ok"] and ended["status"] == "completed"
    assert "missing: The person did not answer" in vendor.requests[-1].body["messages"][-1]["content"]


async def test_a_question_survives_kill_9_before_and_after_its_answer(
    own_server: Any, vendor: Any, tmp_path: Path
) -> None:
    vendor.play(text="All done.")
    own_server.start()
    own_server.keys = own_server.cast()
    import_work(own_server, tmp_path)
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session_id, run = await begun(alice, "a-asks")
        await waiting(alice, run["id"])
        own_server.kill()
        own_server.start()
        call = await waiting(alice, run["id"])
        await decide(alice, run["id"], call, decision="approve", arguments={"answer": "Dry."})
        own_server.kill()
        own_server.start()
        ended = await alice.ended(run["id"])
        answer = (await alice.messages(session_id))[run["message_id"]]
    assert (ended["status"], answer["text"]) == ("completed", "All done.")
    assert vendor.requests[-1].body["messages"][-1]["content"] == "Rough draft. Tone: Dry."


async def test_a_loop_goes_round_until_its_condition_holds_and_a_stage_may_be_passed_over(
    work: Any, vendor: Any
) -> None:
    vendor.play("checker", text="bad")
    vendor.play(text="All done.")
    async with Api(work.url, work.keys["alice"]) as alice:
        _, run = await begun(alice, "a-loops")
        never = await frames_of(alice, run["id"])
        vendor.play("checker", text="Good!")
        _, run = await begun(alice, "a-loops")
        once = await frames_of(alice, run["id"])
    stages = [[f["stage"] for f in frames if f["type"] == "agent-finish"] for frames in (never, once)]
    assert stages[0] == ["draft", "check", "draft.2", "check.2", "draft.3", "check.3", "final"]
    assert stages[1] == ["draft", "check", "final"]
    last = [f for f in never if f["type"] == "progress"][-1]
    assert (last["done"], last["total"]) == (7, 7)
    assert vendor.requests[-1].body["messages"][-1]["content"] == "<Good!> <>"


async def test_an_agents_limit_of_time_makes_its_part_a_missing_one(work: Any, vendor: Any) -> None:
    vendor.play(text="All done.")
    async with Api(work.url, work.keys["alice"]) as alice:
        _, run = await begun(alice, "a-hurried")
        frames = await frames_of(alice, run["id"])
    assert [f["code"] for f in frames if f["type"] == "agent-error"] == ["agent_timeout"]
    assert frames[-1]["type"] == "finish"


async def test_a_workflow_that_became_a_part_of_itself_ends(work: Any) -> None:
    """None can be saved any more: rows of an older version may be there."""
    stages = [{"name": "work", "agents": ["a-self"]}, {"name": "final", "agents": ["a-last"]}]
    await operate(work, f"Agent.objects.filter(name='a-self').update(stages={stages})")
    async with Api(work.url, work.keys["alice"]) as alice:
        _, run = await begun(alice, "a-self")
        frames = await frames_of(alice, run["id"])
    assert [f["name"] for f in frames if f["type"] == "agent-finish"] == ["a-self", "a-last"]
    assert frames[-1]["type"] == "finish"
