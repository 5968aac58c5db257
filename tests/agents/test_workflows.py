"""Workflows: agents side by side under one run, on a real server."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients import Api, eventually, read_sse

TEAM = """
- {name: w-first, model: demo/fast, listed: false, options: {script: [{text: "Plan A."}]}}
- {name: w-good, model: demo/fast, label: Good, options: {script: [{text: "Good words."}]}}
- {name: w-slow, model: demo/long, label: Slow}
- {name: w-bad, model: demo/fail, label: Bad}
- {name: w-last, model: openai/gpt-fake, instructions: Merge it.}
- name: w-team
  stages:
    - {name: plan, agents: [w-first]}
    - {name: work, agents: [w-good, w-bad], input: "{plan.output} for {message}"}
    - {name: merge, label: Merging, agents: [w-last], input: "{work.output}"}
- name: w-lost
  stages:
    - {name: work, agents: [w-bad]}
    - {name: merge, agents: [w-last]}
- name: w-long
  stages:
    - {name: plan, agents: [w-first]}
    - {name: work, agents: [w-slow, w-good]}
    - {name: merge, agents: [w-last]}
"""


def import_team(server: Any, folder: Path) -> None:
    file = folder / "team.yaml"
    file.write_text(TEAM)
    server.manage("agents_import", str(file))


@pytest.fixture(scope="module")
def team(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import_team(server, tmp_path_factory.mktemp("team"))
    return server


async def begun(alice: Api, agent: str) -> tuple[str, dict[str, Any]]:
    session = await alice.session()
    sent = await alice.send(session["id"], "the job", agent=agent)
    return session["id"], sent["runs"][0]


async def frames_of(alice: Api, run_id: str) -> list[dict[str, Any]]:
    return [frame async for frame in read_sse(alice, run_id, 0)]


async def child_ids(alice: Api, run_id: str, names: set[str]) -> dict[str, str]:
    """Of these agents, as soon as all have begun."""
    found: dict[str, str] = {}
    async for frame in read_sse(alice, run_id, 0):
        if frame["type"] == "agent-start":
            found[frame["name"]] = frame.get("child_id", "")
        if names <= found.keys():
            break
    return found


async def test_outputs_feed_the_next_stage_and_one_failure_stops_nobody(team: Any, vendor: Any) -> None:
    vendor.play(text="Merged.")
    async with Api(team.url, team.keys["alice"]) as alice:
        session_id, run = await begun(alice, "w-team")
        frames = await frames_of(alice, run["id"])
        children = {
            f["name"]: f["child_id"] for f in frames if f.get("child_id") and f["type"] == "agent-start"
        }
        good = await alice.run(children["w-good"])
        good_frames = await frames_of(alice, good["id"])
        messages = await alice.messages(session_id)
    asked = vendor.requests[-1].body["messages"]
    answer = messages[run["message_id"]]
    merged = "## Good\n\nGood words.\n\n## Bad\n\n(This part is missing:"
    assert asked[0]["content"] == "Merge it." and asked[-1]["content"].startswith(merged)
    assert (answer["status"], answer["text"]) == ("complete", "Merged.")
    assert [(f["name"], f["code"]) for f in frames if f["type"] == "agent-error"] == [
        ("w-bad", "provider_failed")
    ]
    assert [part["value"][0]["agent"] for part in answer["parts"] if part.get("name") == "missing"] == [
        "w-bad"
    ]
    assert [f["name"] for f in frames if f["type"] == "agent-finish"] == ["w-first", "w-good", "w-last"]
    assert [f for f in frames if f["type"] == "progress"][-1]["done"] == 4
    assert (good["parent_id"], good["stage"], good["agent"]) == (run["id"], "work", "w-good")
    assert {frame["agent"] for frame in good_frames} == {"w-good"}
    assert len(messages) == 2  # what the agents wrote is not among them


async def test_a_stage_in_which_all_fail_ends_the_run_with_an_error(team: Any) -> None:
    async with Api(team.url, team.keys["alice"]) as alice:
        _, run = await begun(alice, "w-lost")
        ended = await alice.ended(run["id"])
    assert (ended["status"], ended["error"]["code"]) == ("failed", "provider_failed")


async def test_stop_stops_every_agent(team: Any) -> None:
    async with Api(team.url, team.keys["alice"]) as alice:
        _, run = await begun(alice, "w-long")
        children = await child_ids(alice, run["id"], {"w-slow"})
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        ended = await alice.ended(run["id"])
        child = await alice.ended(children["w-slow"])
    assert (ended["status"], child["status"]) == ("cancelled", "cancelled")


async def test_a_workflow_goes_on_after_kill_9_at_the_stage_that_was_running(
    own_server: Any, vendor: Any, tmp_path: Path
) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    import_team(own_server, tmp_path)
    vendor.play(text="Merged.")
    async with Api(own_server.url, own_server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "the job", agent="w-long", options={"tokens": 200, "rate": 50})
        run = sent["runs"][0]
        before = await child_ids(alice, run["id"], {"w-first", "w-slow"})
        await eventually(lambda: has_status(alice, before["w-first"], "completed"))
        await eventually(lambda: has_status(alice, before["w-slow"], "running"))
        own_server.kill()
        own_server.start()
        ended = await alice.ended(run["id"])
        first, slow = await alice.run(before["w-first"]), await alice.run(before["w-slow"])
        answer = (await alice.messages(session["id"]))[run["message_id"]]
        frames = await frames_of(alice, run["id"])
    after = {f["name"]: f.get("child_id", "") for f in frames if f["type"] == "agent-start"}
    assert (ended["status"], ended["attempt"], answer["text"]) == ("completed", 2, "Merged.")
    assert (first["attempt"], slow["attempt"]) == (1, 2)
    assert (after["w-first"], after["w-slow"]) == (before["w-first"], before["w-slow"])


async def has_status(alice: Api, run_id: str, status: str) -> bool:
    return bool((await alice.run(run_id))["status"] == status)


async def studio(
    alice: Api, body: dict[str, Any], path: str = "/novachat"
) -> tuple[str, list[dict[str, Any]]]:
    async with alice.http.stream("POST", path, json=body) as response:
        assert response.status_code == 200, await response.aread()
        lines = [line async for line in response.aiter_lines() if line.startswith("data: ")]
    return response.headers["x-parley-session"], [json.loads(line[6:]) for line in lines]


async def test_novachat_tells_its_teams_work_in_the_studios_envelope(server: Any) -> None:
    options = {"tokens": 120, "rate": 50}
    brief = {"tokens": 4, "rate": 0}
    async with Api(server.url, server.keys["alice"]) as alice:
        place = {"session_id": (await alice.session(model="demo/chat"))["id"]}
        session_id, events = await studio(alice, {"query": "写一篇关于茶的文章", "options": options, **place})
        again = await studio(alice, {"message": "Shorter", "session_id": session_id, "options": brief})
        messages = list((await alice.messages(session_id)).values())
    specialists = ["nova-insight", "nova-profile", "nova-content", "nova-optimisation"]
    told = [(event["event_type"], event["agent_source"]) for event in events]
    written: dict[str, str] = {}
    for event in events:
        assert set(event) == {"event_type", "agent_source", "timestamp", "payload"}
        if event["event_type"] == "llm_chunk":
            name = event["agent_source"]
            written[name] = written.get(name, "") + event["payload"]["content"]
    places = {name: [i for i, one in enumerate(told) if one == ("llm_chunk", name)] for name in specialists}
    ends = {name: told.index(("agent_complete", name)) for name in specialists}
    assert told[0] == ("agent_start", "novachat") and told[-1] == ("agent_complete", "novachat")
    assert all(places[name][-1] < ends[name] for name in specialists)
    assert max(p[0] for p in places.values()) < min(p[-1] for p in places.values())  # side by side
    assert {"nova-analysis", "nova-merge", "nova-polish", *specialists} == written.keys()
    assert written["nova-polish"] == messages[1]["text"]
    assert again[0] == session_id and len(messages) == 4
    assert any(event["event_type"] == "progress" for event in events)


@pytest.mark.parametrize(
    "body", [{}, {"message": " "}, {"messages": [{"role": "assistant", "content": "x"}]}]
)
async def test_novachat_refuses_an_empty_message(server: Any, body: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        refused = await alice.http.post("/novachat", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "empty_message")


async def test_carol_cannot_go_on_in_alices_session_nor_read_an_agents_run(team: Any) -> None:
    async with Api(team.url, team.keys["alice"]) as alice, Api(team.url, team.keys["carol"]) as carol:
        session_id, run = await begun(alice, "w-long")
        children = await child_ids(alice, run["id"], {"w-slow"})
        read = await carol.http.get(f"/api/runs/{children['w-slow']}/")
        sent = await carol.http.post("/novachat", json={"message": "Hi", "session_id": session_id})
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        await eventually(lambda: has_status(alice, children["w-slow"], "cancelled"))
    assert (read.status_code, sent.status_code) == (404, 404)
