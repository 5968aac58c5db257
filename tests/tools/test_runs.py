"""Answers that call tools, through the doors: what runs, what waits for a person, and what a crash leaves."""

import json
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.clients import Api, Frame, Socket, eventually
from tests.prepared import fresh_database
from tests.server import ParleyServer

ODD = str(Path(__file__).parent / "odd_server.py")
SET_UP = """
from chat.models import McpServer, ToolRule
McpServer.objects.create(name='odd', transport='stdio', command='odd', policy='always', timeout_seconds=%d)
ToolRule.objects.create(tool='calculator', policy='ask')
"""

EXPIRE = """
from datetime import timedelta
from chat.actions.tool_calls import calls_expire
from chat.models import ToolCall
call = ToolCall.objects.get(run_id='%s')
assert calls_expire() == 0
call.requested_at -= timedelta(hours=25)
call.save()
assert calls_expire() == 1
"""


class Stage:
    """A server of its own that knows the odd MCP server, and alice, who asks the demo to call tools."""

    def __init__(self, server: Any, journal: Path) -> None:
        self.server = server
        self.journal = journal

    def start(self, timeout: int = 60) -> None:
        """Once for each server."""
        command = [sys.executable, ODD, str(self.journal)]
        self.server.environment.update(
            PARLEY_MCP_COMMANDS=json.dumps({"odd": command}),
            RUN_LEASE_SECONDS="2",
            RUN_SWEEP_SECONDS="0.3",
            TOOL_MAX_STEPS="3",
        )
        self.server.manage("migrate", "--verbosity", "0")
        self.server.manage("shell", "-v0", "-c", SET_UP % timeout)
        self.server.start()
        self.server.keys = self.server.cast()

    @cached_property
    def alice(self) -> Api:
        return self.api("alice")

    def api(self, name: str) -> Api:
        return Api(self.server.url, self.server.keys[name])

    async def calls(self, script: list[Frame], **more: Any) -> Frame:
        """The run of an answer that plays this script."""
        await eventually(self.is_listed)
        session = await self.alice.session()
        options = {"script": [*script, {"text": "All done."}]}
        sent = await self.alice.send(session["id"], model="demo/tools", options=options, **more)
        return dict(sent["runs"][0])

    async def is_listed(self) -> bool:
        """The server asks for the tools of MCP servers after it started."""
        listed = (await self.alice.http.get("/api/tools/")).json()["results"]
        return any(tool["name"] == "count" for tool in listed)

    async def history(self, run: Frame) -> dict[str, Frame]:
        listed = await self.alice.http.get(f"/api/runs/{run['id']}/tool-calls/")
        return {call["tool"]: call for call in listed.json()["results"]}

    async def events(self, run: Frame) -> list[Frame]:
        page = (await self.alice.http.get(f"/api/runs/{run['id']}/events/?after=0")).json()
        return list(page["events"])

    async def decide(self, run: Frame, call: Frame, api: Api | None = None, **decision: Any) -> Any:
        address = f"/api/runs/{run['id']}/tool-calls/{call['id']}/decide/"
        return await (api or self.alice).http.post(address, json=decision)

    async def waiting(self, run: Frame) -> Frame:
        """The call that waits, once the run does."""
        await eventually(lambda: self.has_status(run, "waiting"))
        return next(call for call in (await self.history(run)).values() if call["state"] == "waiting")

    async def has_status(self, run: Frame, status: str) -> bool:
        return bool((await self.alice.run(run["id"]))["status"] == status)

    async def was_asked(self, method: str) -> bool:
        return bool(self.asked(method))

    def asked(self, method: str) -> list[Any]:
        lines = self.journal.read_text().splitlines() if self.journal.exists() else []
        return [told["params"] for told in map(json.loads, lines) if told["method"] == method]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A server for all tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("tools")
    stage = Stage(
        ParleyServer(folder, RUN_IN_WEB="1", **fresh_database(f"tools_{uuid.uuid4().hex[:8]}")),
        folder / "journal",
    )
    stage.start()
    yield stage
    stage.server.stop()


@pytest.fixture
async def stage(started: Stage) -> AsyncIterator[Stage]:
    started.journal.write_text("")
    stage = Stage(started.server, started.journal)
    yield stage
    await stage.alice.http.aclose()


@pytest.fixture
async def own_stage(own_server: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    """A server that the test starts and may kill."""
    stage = Stage(own_server, tmp_path / "journal")
    yield stage
    if own_server.keys:
        await stage.alice.http.aclose()


def called(tool: str, **arguments: Any) -> Frame:
    return {"tool": tool, "arguments": arguments or {"text": tool}}


async def test_calls_run_side_by_side_and_the_answer_goes_on_from_what_they_gave(stage: Stage) -> None:
    calls = [called("count", text="一"), called("slow"), called("nothing"), called("count", wrong=1)]
    run = await stage.calls(calls, tools=["count", "slow"])
    assert (await stage.alice.ended(run["id"]))["status"] == "completed"
    message = (await stage.alice.messages(run["session_id"]))[run["message_id"]]
    results = [part for part in message["parts"] if part["type"] == "tool-result"]
    assert {part.get("output") for part in results} == {"一", "slept", None}
    assert {part.get("code") for part in results} == {None, "tool_not_found", "tool_arguments_invalid"}
    assert message["text"].endswith("All done.")
    steps = [event["type"] for event in await stage.events(run) if event["type"].startswith("step")]
    assert steps == ["step-start", "step-finish"] * 2


async def test_an_approval_outlives_kill_9_and_is_of_exactly_these_arguments(
    own_stage: Stage,
) -> None:
    own_stage.start()
    run = await own_stage.calls([called("calculator", expression="1+1")], tools=["calculator"])
    call = await own_stage.waiting(run)
    own_stage.server.kill()
    own_stage.server.start()
    async with own_stage.api("bob") as bob:
        assert (await own_stage.decide(run, call, bob, decision="approve")).status_code == 404
    refused = await own_stage.decide(run, call, decision="approve", arguments={"expression": 7})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "arguments")
    edited = {"expression": "6*7"}
    assert (await own_stage.decide(run, call, decision="approve", arguments=edited)).status_code == 200
    assert (await own_stage.decide(run, call, decision="reject")).status_code == 409
    ended = await own_stage.alice.ended(run["id"])
    kept = (await own_stage.history(run))["calculator"]
    assert (ended["status"], ended["attempt"], kept["output"]) == ("completed", 1, "42")
    assert (json.loads(kept["arguments"]), json.loads(kept["edited_arguments"])) == (
        {"expression": "1+1"},
        edited,
    )
    assert (kept["decision"], kept["decided_by"]) == ("approve", ended_by(await own_stage.events(run)))


def ended_by(events: list[Frame]) -> str:
    return next(str(event["by"]) for event in events if event["type"] == "tool-approval")


async def test_a_decision_over_the_socket_and_a_rejection_that_the_model_hears(stage: Stage) -> None:
    run = await stage.calls(
        [called("calculator", expression="1+1"), called("count")], tools=["calculator", "count"]
    )
    call = await stage.waiting(run)
    assert (await stage.history(run))["count"]["state"] == "done"
    async with await Socket.open(stage.server.ws_url, stage.server.keys["alice"]) as socket:
        reply = await socket.ask("tool.decide", run_id=run["id"], tool_call_id=call["id"], decision="reject")
        unknown = await socket.ask("tool.decide", run_id=run["id"], tool_call_id="x", decision="reject")
    assert reply["ok"]
    assert unknown["error"]["code"] == "not_found"
    assert (await stage.alice.ended(run["id"]))["status"] == "completed"
    assert (await stage.history(run))["calculator"]["error"]["code"] == "tool_rejected"


async def test_after_kill_9_a_calls_outcome_is_unknown_and_it_is_not_made_again(
    own_stage: Stage,
) -> None:
    own_stage.server.environment.update(RUN_TAKEOVER="restart")
    own_stage.start()
    run = await own_stage.calls([called("flood"), called("hang")], tools=["hang", "flood"])
    await eventually(lambda: _has_called(own_stage, "flood", "hang"))
    own_stage.server.kill()
    own_stage.server.start()
    ended = await own_stage.alice.ended(run["id"])
    message = (await own_stage.alice.messages(run["session_id"]))[run["message_id"]]
    codes = {part["id"]: part.get("code") for part in message["parts"] if part["type"] == "tool-result"}
    assert (ended["status"], ended["attempt"]) == ("interrupted", 1)
    assert "tool_unknown_outcome" in codes.values()
    made = [call["name"] for call in own_stage.asked("tools/call")]
    assert (made.count("flood"), made.count("hang")) == (1, 1)


async def test_stop_reaches_a_call_that_runs(stage: Stage) -> None:
    run = await stage.calls([called("hang")], tools=["hang"])
    await eventually(lambda: _has_called(stage, "hang"))
    await stage.alice.http.post(f"/api/runs/{run['id']}/cancel/")
    ended = await stage.alice.ended(run["id"])
    await eventually(lambda: stage.was_asked("notifications/cancelled"))
    assert ended["status"] == "cancelled"
    assert (await stage.history(run))["hang"]["error"]["code"] == "tool_stopped"


async def test_a_call_that_takes_too_long_ends_with_its_time(own_stage: Stage) -> None:
    own_stage.start(timeout=1)
    run = await own_stage.calls([called("hang"), called("die")], tools=["hang", "die"])
    assert (await own_stage.alice.ended(run["id"]))["status"] == "completed"
    history = await own_stage.history(run)
    assert history["die"]["error"]["code"] == "tool_unavailable"
    assert history["hang"]["error"]["code"] in ("tool_timeout", "tool_unavailable")


async def test_tools_that_change_in_mid_run_are_called_or_told(own_stage: Stage) -> None:
    own_stage.start()
    script = [called("grow"), {"text": "now"}, called("hang"), {"text": "then"}]
    run = await own_stage.calls(script, tools=["grow", "hang"])
    await eventually(lambda: _has_called(own_stage, "hang"))
    await own_stage.alice.http.post(f"/api/runs/{run['id']}/cancel/")
    names = [tool["name"] for tool in (await own_stage.alice.http.get("/api/tools/")).json()["results"]]
    assert "grown" in names
    assert "hang" not in names


async def test_an_answer_that_only_calls_tools_comes_to_an_end(stage: Stage) -> None:
    step = [called("count"), {"text": "again"}]
    run = await stage.calls(step * 10, tools=["count"])
    ended = await stage.alice.ended(run["id"])
    events = await stage.events(run)
    assert ended["status"] == "completed"
    assert [event["step"] for event in events if event["type"] == "step-start"] == [1, 2, 3]
    assert len(stage.asked("tools/call")) == 2
    errors = [event["code"] for event in events if event["type"] == "tool-output-error"]
    assert errors == ["tool_limit_reached"]


async def test_the_callers_own_tools_end_the_answer_with_the_call(stage: Stage) -> None:
    mine = {"type": "function", "function": {"name": "mine", "parameters": {"type": "object"}}}
    run = await stage.calls([called("mine")], tools=[mine])
    await stage.alice.ended(run["id"])
    events = await stage.events(run)
    [start] = [event for event in events if event["type"] == "tool-input-start"]
    assert (start["executor"], events[-1]["reason"]) == ("client", "tool_calls")
    assert await stage.history(run) == {}


async def test_wrong_tools_are_refused_by_name(stage: Stage) -> None:
    await eventually(lambda: _lists(stage, "count"))
    session = await stage.alice.session()
    for tools, field in (
        (["no-such"], "tools"),
        ([{"name": "a b"}], "tools.name"),
        ([7], "tools[0]"),
        ("x", "tools"),
    ):
        body = {"client_id": uuid.uuid4().hex, "text": "x", "tools": tools}
        answer = await stage.alice.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


async def _lists(stage: Stage, name: str) -> bool:
    """Servers are listed at the start, beside everything else."""
    tools = (await stage.alice.http.get("/api/tools/")).json()["results"]
    return name in [tool["name"] for tool in tools]


async def _has_called(stage: Stage, *names: str) -> bool:
    return {call["name"] for call in stage.asked("tools/call")} >= set(names)


async def test_a_call_that_nobody_decides_on_is_refused_after_a_day(stage: Stage) -> None:
    run = await stage.calls([called("calculator", expression="1+1")], tools=["calculator"])
    call = await stage.waiting(run)
    stage.server.manage("shell", "-v0", "-c", EXPIRE % run["id"])
    assert (await stage.alice.ended(run["id"]))["status"] == "completed"
    message = (await stage.alice.messages(run["session_id"]))[run["message_id"]]
    [result] = [part for part in message["parts"] if part["type"] == "tool-result"]
    assert result["code"] == "tool_approval_expired"
    assert message["text"].endswith("All done.")
    assert (await stage.decide(run, call, decision="approve")).status_code == 409


async def test_earlier_chats_of_oneself_are_searched_and_of_nobody_else(stage: Stage) -> None:
    word = f"rhubarb{uuid.uuid4().hex}"
    for name in ("alice", "bob"):
        async with stage.api(name) as api:
            said = await api.send((await api.session())["id"], f"{name} likes {word} pie", model="demo/fast")
            await api.ended(said["runs"][0]["id"])
    run = await stage.calls([called("search_chats", query=word.upper())], tools=["search_chats"])
    await stage.alice.ended(run["id"])
    message = (await stage.alice.messages(run["session_id"]))[run["message_id"]]
    [result] = [part for part in message["parts"] if part["type"] == "tool-result"]
    found = [hit["text"] for hit in result["output"] if hit["role"] == "user"]
    assert found == [f"alice likes {word} pie"]
