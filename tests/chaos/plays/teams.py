"""Teams of agents: one fails, one is slow, and the worker is killed; or all of them are stopped at once."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.parts import parts_from_json, text_of
from tests.chaos.lanes import LaneViewer
from tests.chaos.plays import fault
from tests.chaos.plays.stopping import AT_ONCE, end_of_upstreams
from tests.chaos.stage import WORDS, Stage
from tests.clients import Api, Frame, eventually

ANSWER = "All that was found, in one text."
IMPORT = """
import sys
import django
django.setup()
from chat.agents.files import imported
imported(sys.argv[1])
"""


@dataclass(frozen=True)
class Team:
    """A workflow of four agents side by side and one that merges; models are named like their agents."""

    name: str
    session_id: str
    run_id: str
    message_id: str
    viewers: tuple[LaneViewer, LaneViewer]

    @property
    def good(self) -> list[str]:
        return [f"{self.name}-{part}" for part in ("one", "two", "slow")]


async def team_at_work(stage: Stage, **rates: float) -> Team:
    """`rates` are deltas a second. Two people look on, each over another web process."""
    name = f"t-{uuid.uuid4().hex[:8]}"
    for part, tokens in (("one", 100), ("two", 100), ("slow", 240)):
        words = [f"{index} {WORDS[index % len(WORDS)]}" for index in range(tokens)]
        stage.shape.provider.play(f"{name}-{part}", pieces=words, rate=rates.get(part, 20))
    stage.shape.provider.play(f"{name}-bad", pieces=["It ", "breaks "], error_after=1)
    stage.shape.provider.play(f"{name}-merge", text=ANSWER)
    await asyncio.to_thread(stage.shape.python, "-c", IMPORT, json.dumps(definition(name)))
    await asyncio.sleep(2.1)  # until every process knows them
    async with stage.api() as api:
        session_id = (await api.session())["id"]
        viewers = await viewers_of(stage, session_id)
        run = (await api.send(session_id, "Find out", agent=name))["runs"][0]
    for viewer in viewers:
        viewer.run_id, viewer.message_id = run["id"], run["message_id"]
    return Team(name, session_id, run["id"], run["message_id"], viewers)


def definition(name: str) -> list[dict[str, Any]]:
    parts = [f"{name}-{part}" for part in ("one", "two", "slow", "bad")]
    agents = [
        {"name": part, "model": f"openai/{part}", "listed": False} for part in [*parts, f"{name}-merge"]
    ]
    stages = [{"name": "work", "agents": parts}, {"name": "merge", "agents": [f"{name}-merge"]}]
    return [*agents, {"name": name, "stages": stages}]


async def viewers_of(stage: Stage, session_id: str) -> tuple[LaneViewer, LaneViewer]:
    key = stage.shape.keys["alice"]
    urls = [stage.shape.web_ws_url(0), stage.shape.web_ws_url(1)]
    one, two = (LaneViewer(lambda url=url: url, key, session_id) for url in urls)
    for viewer in (one, two):
        await viewer.start().watching.wait()
    return one, two


async def children_of(api: Api, team: Team) -> dict[str, str]:
    """Runs by agent, once all have begun."""

    async def begun() -> dict[str, str] | None:
        frames = (await api.http.get(f"/api/runs/{team.run_id}/events/")).json()["events"]
        found = {f["name"]: f["child_id"] for f in frames if f["type"] == "agent-start" and f.get("child_id")}
        return found if len(found) == 4 else None

    return await eventually(begun, 60)


async def wrote(viewers: tuple[LaneViewer, ...], runs: list[str], characters: int) -> None:
    async def all_have() -> bool:
        return all(len(viewer.lane(run)) >= characters for viewer in viewers for run in runs)

    await eventually(all_have, 60)


@fault("kill -9 of the worker of a team with one failing and one slow agent", short=True)
async def killed_team(stage: Stage) -> None:
    team = await team_at_work(stage)
    async with stage.api() as api:
        children = await children_of(api, team)
        slow = children[f"{team.name}-slow"]
        await wrote(team.viewers, [slow], 100)
        owner = await stage.shape.owner(slow)
        owner.kill()
        async with asyncio.timeout(120):
            while not all(viewer.ended or viewer.failure for viewer in team.viewers):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await judge_team(stage, api, team, children)
        stage.facts["attempts"] = {
            name[11:] or "team": (await api.run(run_id))["attempt"]
            for name, run_id in {**children, team.name: team.run_id}.items()
        }
    for viewer in team.viewers:
        await viewer.stop()


async def judge_team(stage: Stage, api: Api, team: Team, children: Mapping[str, str]) -> None:
    """The answer, and what each agent wrote: as sent, as stored, and as both viewers showed it."""
    run = await api.run(team.run_id)
    message = (await api.messages(team.session_id))[team.message_id]
    missing = next((part["value"] for part in message["parts"] if part.get("name") == "missing"), [])
    stage.expect(run["status"] == "completed", f"the workflow is {run['status']}: {run['error']}")
    stage.expect(message["text"] == ANSWER, f"the answer is {message['text']!r}")
    stage.expect([one["agent"] for one in missing] == [f"{team.name}-bad"], f"missing is {missing}")
    stored = {name: await stored_of(api, run_id) for name, run_id in children.items()}
    for name in team.good:
        asked = [r for r in stage.shape.provider.requests if (r.body or {}).get("model") == name]
        stage.expect(stored[name] == asked[-1].sent, f"{name}: stored is not what was sent")
    for number, viewer in enumerate(team.viewers, 1):
        stage.expect(viewer.failure is None, f"viewer {number}: {viewer.failure}")
        stage.expect(viewer.text == ANSWER, f"viewer {number} shows {viewer.text!r}")
        for name, run_id in children.items():
            stage.expect(viewer.lane(run_id) == stored[name], f"viewer {number} shows another text of {name}")
            order = viewer.order.get(run_id, [])
            stage.expect(order == sorted(set(order)), f"viewer {number}: {name} came out of order")


async def stored_of(api: Api, run_id: str) -> str:
    message: Frame = (await api.http.get(f"/api/runs/{run_id}/message/")).json()
    return text_of(parts_from_json(message["parts"]))


@fault("stop of a team from another web process: every upstream at once")
async def stopped_team(stage: Stage) -> None:
    taken = []
    for _ in range(5):
        team = await team_at_work(stage, one=5, two=5, slow=5)
        async with stage.api() as api:
            children = await children_of(api, team)
            await wrote(team.viewers, [children[name] for name in team.good], 4)
            upstreams = [r for r in stage.shape.provider.requests if (r.body or {}).get("model") in team.good]
            taken.append(await end_of_upstreams(stage, team.run_id, upstreams))
            ends = {
                (await api.ended(run_id))["status"] for name, run_id in children.items() if name in team.good
            }
            stage.expect(ends == {"cancelled"}, f"agents of a stopped team are {ends}")
        for viewer in team.viewers:
            await viewer.stop()
    stage.facts["closed"] = [f"{seconds * 1000:.0f} ms" for seconds in taken]
    stage.expect(max(taken) <= AT_ONCE, f"the last upstream was closed after {max(taken):.2f} s")
