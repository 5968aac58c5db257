"""The concierge: hands over by calling a tool, each specialist in a run of its own, and comes back."""

from pathlib import Path
from typing import Any

import pytest

from tests.agents.test_workflows import child_ids, frames_of, has_status, studio
from tests.clients import Api, eventually
from tests.fakes.script import Script, ToolCall

CREW = """
- {name: c-good, model: demo/fast, label: Good, description: Does it well.,
   options: {script: [{text: "Well done."}]}}
- {name: c-bad, model: demo/fail, label: Bad}
- {name: c-slow, model: demo/long, options: {tokens: 200, rate: 50}}
- {name: c-host, model: openai/gpt-fake, instructions: Be kind., team: [c-good, c-bad]}
- name: c-host-slow
  model: demo/tools
  team: [c-slow]
"""


def import_crew(server: Any, folder: Path) -> None:
    file = folder / "crew.yaml"
    file.write_text(CREW)
    server.manage("agents_import", str(file))


@pytest.fixture(scope="module")
def crew(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import_crew(server, tmp_path_factory.mktemp("crew"))
    return server


async def hand_over(alice: Api, agent: str, text: str, **more: Any) -> tuple[str, dict[str, Any]]:
    session = await alice.session()
    sent = await alice.send(session["id"], text, agent=agent, **more)
    return session["id"], sent["runs"][0]


def result_of(answer: dict[str, Any], name: str) -> dict[str, Any]:
    call = next(p for p in answer["parts"] if p["type"] == "tool-call" and p["name"] == name)
    return dict(next(p for p in answer["parts"] if p["type"] == "tool-result" and p["id"] == call["id"]))


async def test_specialists_are_tools_and_what_they_wrote_comes_back(crew: Any, vendor: Any) -> None:
    calls = (ToolCall("c-good", '{"task": "A"}'), ToolCall("c-bad", '{"task": "B"}'))
    vendor.play_in_turn(Script(tools=calls), Script(text="Here it is."))
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session_id, run = await hand_over(alice, "c-host", "Make it")
        frames = await frames_of(alice, run["id"])
        answer = (await alice.messages(session_id))[run["message_id"]]
        children = {f["name"]: f["child_id"] for f in frames if f["type"] == "agent-start"}
        good = await alice.run(children["c-good"])
    first, second = [request.body for request in vendor.requests[-2:]]
    offered = {tool["function"]["name"]: tool["function"] for tool in first["tools"]}
    told = [message["content"] for message in second["messages"] if message["role"] == "tool"]
    lanes = next(part["value"] for part in answer["parts"] if part.get("name") == "agents")
    assert offered.keys() == {"c-good", "c-bad"} and offered["c-good"]["description"] == "Does it well."
    assert "Well done." in told[0] and "error" in told[1].lower()
    assert (good["parent_id"], good["status"]) == (run["id"], "completed")
    assert result_of(answer, "c-bad")["code"] == "provider_failed" and answer["text"].endswith("Here it is.")
    assert {agent["name"]: agent["state"] for agent in lanes["agents"]} == {
        "c-good": "done",
        "c-bad": "failed",
    }


async def test_the_concierges_door_tells_who_works_in_the_studios_envelope(server: Any) -> None:
    body = {"message": "loomi-writer and loomi-editor: a line", "options": {"tokens": 5, "rate": 0}}
    async with Api(server.url, server.keys["alice"]) as alice:
        named = {**body, "model": "demo/tools"}
        session_id, events = await studio(alice, named, "/loomichat")
        messages = list((await alice.messages(session_id)).values())
        again, _ = await studio(
            alice, {"query": "Thanks", "session_id": session_id, "options": body["options"]}, "/loomichat"
        )
    told = [(event["event_type"], event["agent_source"]) for event in events]
    assert told[0] == ("agent_start", "loomichat") and told[-1] == ("agent_complete", "loomichat")
    for name in ("loomi-writer", "loomi-editor"):
        assert (
            told.index(("agent_start", name))
            < told.index(("llm_chunk", name))
            < told.index(("agent_complete", name))
        )
    assert ("llm_chunk", "loomichat") in told[told.index(("agent_complete", "loomi-writer")) :]
    assert len(messages) == 2 and again == session_id


async def test_a_concierge_goes_on_after_kill_9_with_the_specialist_that_was_working(
    own_server: Any, tmp_path: Path
) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    import_crew(own_server, tmp_path)
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session_id, run = await hand_over(alice, "c-host-slow", "c-slow: go")
        before = await child_ids(alice, run["id"], {"c-slow"})
        await eventually(lambda: has_status(alice, before["c-slow"], "running"))
        own_server.kill()
        own_server.start()
        ended = await alice.ended(run["id"])
        frames = await frames_of(alice, run["id"])
        slow = await alice.run(before["c-slow"])
        answer = (await alice.messages(session_id))[run["message_id"]]
    started = [f["child_id"] for f in frames if f["type"] == "agent-start"]
    assert (ended["status"], ended["attempt"], slow["attempt"]) == ("completed", 2, 2)
    assert started == [before["c-slow"]] and ended["set_aside"] == []
    assert "code" not in result_of(answer, "c-slow") and "gave back" in answer["text"]


async def test_stopping_a_concierge_stops_its_specialists(crew: Any) -> None:
    async with Api(crew.url, crew.keys["alice"]) as alice:
        _, run = await hand_over(alice, "c-host-slow", "c-slow: go")
        children = await child_ids(alice, run["id"], {"c-slow"})
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        ended = await alice.ended(run["id"])
        await eventually(lambda: has_status(alice, children["c-slow"], "cancelled"))
    assert ended["status"] == "cancelled"
