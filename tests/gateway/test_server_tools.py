"""Tools that this server runs for requests that nobody keeps: by name at the vendors' doors, those of MCP_URL
at the streaming agent's."""

import json
from typing import Any

import httpx2
import pytest

from tests.clients import eventually
from tests.fakes.script import Script, ToolCall
from tests.gateway.leaving import Leaving, asked, closed
from tests.tools.test_mcp import everything

HEADER = {"X-Parley-Tools": "calculator"}
ASK: list[Any] = [{"role": "user", "content": "How much is 6*7?"}]
CALL = ToolCall("calculator", '{"expression": "6*7"}', id="call_a")
CALLS = ('"tool_calls":[', '"tool_use"', '"function_call"')  # for the client to answer
BODIES = {
    "/v1/chat/completions": {"model": "openai/gpt-fake", "messages": ASK},
    "/v1/messages": {"model": "anthropic/claude-fake", "messages": ASK, "max_tokens": 99},
    "/v1/responses": {"model": "openai/gpt-fake", "input": "How much is 6*7?", "store": False},
}
# A session goes soon after its answer.
GONE = """
import time
from chat.models import ChatSession, UsageRecord
until = time.monotonic() + 60
while ChatSession.objects.filter(temporary=True).exists():
    assert time.monotonic() < until
    time.sleep(0.1)
assert UsageRecord.objects.filter(door="openai-chat", status="completed").exists()
"""


def client(server: Any) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    return httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_named_tool_runs_here_and_the_client_sees_no_call(
    server: Any, vendor: Any, stream: bool
) -> None:
    async with client(server) as http:
        for path, body in BODIES.items():
            vendor.play_in_turn(Script(text="", tools=[CALL]), Script(text="It is 42."))
            told = await http.post(path, json={**body, "stream": stream}, headers=HEADER)
            assert told.status_code == 200, told.text
            assert "It is 42." in told.text
            assert not [word for word in CALLS if word in told.text]
            assert "42" in json.dumps(vendor.requests[-1].body)
        listed = (await http.get("/api/sessions/")).json()["results"]
    assert not [session for session in listed if session["title"].startswith(("openai", "anthropic"))]


def test_nothing_of_it_stays_but_what_it_used(server: Any) -> None:
    server.manage("shell", "-v", "0", "-c", GONE)


@pytest.mark.parametrize("tool", ["no_such_tool", "fetch_page"])
async def test_a_tool_that_is_not_there_or_needs_a_person_is_refused(server: Any, tool: str) -> None:
    async with client(server) as http:
        for path, body in BODIES.items():
            told = await http.post(path, json=body, headers={"X-Parley-Tools": tool})
            assert told.status_code == 400
            assert "tool" in told.json()["error"]["message"]


async def test_a_client_that_leaves_stops_the_run(server: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    before = len(vendor.requests)
    async with Leaving(server) as leaving:
        await leaving.post("/v1/chat/completions", {**BODIES["/v1/chat/completions"], "stream": True}, HEADER)
        await eventually(lambda: asked(vendor, before))
        await leaving.read_some()
    upstream = vendor.requests[-1]
    await eventually(lambda: closed(upstream))


async def test_the_streaming_agent_has_the_tools_of_mcp_url(own_server: Any, vendor: Any) -> None:
    with everything("streamableHttp") as url:
        own_server.environment["MCP_URL"] = f"{url}/mcp"
        own_server.start()
        own_server.keys = own_server.cast()
        echo = ToolCall("echo", '{"message": "你好"}', id="call_b")
        async with client(own_server) as http:
            body = {"message": "Say it.", "model": "openai/gpt-fake"}
            vendor.play_in_turn(Script(text="", tools=[echo]), Script(text="It said so."))
            told = await http.post("/chat/stream", json=body)
            assert told.text.count('"type":"complete"') == 1 and "It said so." in told.text
            assert "Echo: 你好" in json.dumps(vendor.requests[-1].body, ensure_ascii=False)
            vendor.play_in_turn(Script(text="", tools=[echo]), Script(text="It said so."))
            assert (await http.post("/chat", json=body)).json()["response"] == "It said so."

            async def counted() -> bool:
                return (await http.get("/stats")).json()["total_requests"] == 2

            await eventually(counted)
