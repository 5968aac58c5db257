"""What a team costs, and whether its agents share the way to the reader fairly."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.agents.test_workflows import begun, child_ids, frames_of, studio
from tests.clients import Api, eventually
from tests.fakes.script import Script, ToolCall

PRICED = "openai/gpt-4o-mini"  # the fake vendor answers to every name; the price is the list's
TEAM = f"""
- {{name: m-one, model: {PRICED}, listed: false}}
- {{name: m-two, model: {PRICED}, listed: false}}
- name: m-team
  stages:
    - {{name: work, agents: [m-one, m-two]}}
    - {{name: merge, agents: [m-one]}}
- {{name: m-host, model: {PRICED}, team: [m-team]}}
"""


@pytest.fixture(scope="module")
def team(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file: Path = tmp_path_factory.mktemp("priced") / "team.yaml"
    file.write_text(TEAM)
    server.manage("agents_import", str(file))
    return server


async def test_a_workflows_cost_is_that_of_all_its_agents(team: Any, vendor: Any) -> None:
    vendor.play(text="Said.", usage={"input": 1000, "output": 500})
    async with Api(team.url, team.keys["alice"]) as alice:
        session_id, run = await begun(alice, "m-team")
        frames = await frames_of(alice, run["id"])
        ended = await alice.run(run["id"])
        answer = (await alice.messages(session_id))[run["message_id"]]
        children = await child_ids(alice, run["id"], {"m-one", "m-two"})
        parts = [await alice.run(run_id) for run_id in children.values() if run_id]
    one = Decimal(parts[0]["cost"])
    assert one > 0 and len({part["cost"] for part in parts}) == 1
    assert Decimal(ended["cost"]) == Decimal(answer["cost"]) == Decimal(frames[-1]["cost"]) == 3 * one
    spent = ended["agents_spent"]
    assert (spent["runs"], spent["input_tokens"], spent["output_tokens"]) == (2, 2000, 1000)
    assert ended["usage"]["input_tokens"] == 1000 and Decimal(spent["cost"]) == 2 * one


async def test_a_concierge_may_hand_over_to_a_workflow_and_pays_for_all_of_it(team: Any, vendor: Any) -> None:
    usage = {"input": 1000, "output": 500}
    vendor.play(text="Said.", usage=usage)
    vendor.play_in_turn(Script(tools=[ToolCall("m-team", '{"task": "Do it"}')], usage=usage))
    async with Api(team.url, team.keys["alice"]) as alice:
        _, run = await begun(alice, "m-host")
        ended = await alice.ended(run["id"])
        workflow = await alice.run((await child_ids(alice, run["id"], {"m-team"}))["m-team"])
    assert (ended["status"], ended["agents_spent"]["runs"]) == ("completed", 3)
    assert ended["agents_spent"]["input_tokens"] == 3000 and ended["usage"]["input_tokens"] == 2000
    assert Decimal(ended["cost"]) == Decimal(workflow["cost"]) / 3 * 5


async def test_what_agents_cost_that_end_after_a_stop_is_told_too(team: Any, vendor: Any) -> None:
    vendor.play(pieces=["a "] * 200, rate=50)
    async with Api(team.url, team.keys["alice"]) as alice:
        session_id, run = await begun(alice, "m-team")
        children = await child_ids(alice, run["id"], {"m-one", "m-two"})

        async def both_wrote() -> bool:
            pages = [await alice.http.get(f"/api/runs/{run_id}/events/") for run_id in children.values()]
            return all("text-delta" in page.text for page in pages)

        async def all_told() -> bool:
            costs = [Decimal((await alice.run(run_id))["cost"] or 0) for run_id in children.values()]
            answer = (await alice.messages(session_id))[run["message_id"]]
            return all(costs) and Decimal(answer["cost"] or 0) == sum(costs)

        await eventually(both_wrote)
        await alice.http.post(f"/api/runs/{run['id']}/cancel/")
        assert (await alice.ended(run["id"]))["status"] == "cancelled"
        await eventually(all_told)


def set_options(server: Any, folders: pytest.TempPathFactory, options: str) -> None:
    file: Path = folders.mktemp("fair") / "fair.yaml"
    file.write_text(f"[{{name: nova-content, options: {options}}}]")
    server.manage("agents_import", str(file))


AHEAD = 2_000  # ms; nobody is kept waiting longer than that by what others wrote later


async def test_no_agent_waits_behind_anothers_long_text(
    server: Any, vendor: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Judged by the log: before an agent's words come none that others wrote more than two seconds later."""
    set_options(server, tmp_path_factory, "{tokens: 40000, rate: 8000}")
    options = {"tokens": 80, "rate": 20}
    async with Api(server.url, server.keys["alice"]) as alice:
        place = {"session_id": (await alice.session(model="demo/chat"))["id"]}
        _, events = await studio(alice, {"message": "Tea", "options": options, **place})
        run_id = next(event["payload"]["run_id"] for event in events if event["event_type"] == "agent_start")
        names = {"nova-insight", "nova-profile", "nova-content", "nova-optimisation"}
        children = await child_ids(alice, run_id, names)
        logs = {name: await frames_of(alice, children[name]) for name in names}
    set_options(server, tmp_path_factory, "{}")
    written = {
        name: [(frame["delta"], frame["ts"]) for frame in log if frame["type"] == "text-delta"]
        for name, log in logs.items()
    }
    newest = 0
    for event in events:
        name = event["agent_source"]
        if event["event_type"] != "llm_chunk" or name not in written:
            continue
        text, at = written[name].pop(0)  # each agent's words in their order
        assert text == event["payload"]["content"]
        assert newest - at <= AHEAD
        newest = max(newest, at)
    assert not any(written.values())
