"""An agent by name on every door of the gateway, beside the model or in its place."""

import json
import uuid
from typing import Any

import httpx2
import pytest
import websockets

AGENTS = """
- {name: corsair, instructions: Talk like a corsair., model: openai/gpt-fake, tools: []}
- {name: asker, stages: [{name: tone, ask: "Which tone?"}, {name: last, agents: [corsair]}]}
- name: fleet
  model: openai/gpt-fake
  stages: [{name: first, agents: [corsair]}, {name: last, agents: [corsair], input: "{first.output}!"}]
"""
SAID = [{"role": "user", "content": "Hello"}]
PARTS = [{"type": "text", "text": "Hello"}]
KEPT = {
    "/v1/chat/completions": {"model": "openai/gpt-fake", "messages": SAID},
    "/v1/messages": {"model": "openai/gpt-fake", "messages": SAID, "max_tokens": 99},
    "/v1/responses": {"model": "openai/gpt-fake", "input": "Hello", "store": False},
}
UNKEPT = {
    "/api/streaming/chat": {"messages": SAID},
    "/chat/stream": {"message": "Hello"},
    "/chat": {"message": "Hello"},
}


def body_of(path: str, agent: str) -> dict[str, Any]:
    new = uuid.uuid4().hex
    threads = {
        "/api/ai-sdk/chat": {"id": new, "messages": [{"role": "user", "parts": PARTS}]},
        "/api/ag-ui": {"threadId": new, "runId": "r", "messages": SAID, "forwardedProps": {"agent": agent}},
    }
    return {"agent": agent, **{**KEPT, **UNKEPT, **threads}[path]}


DOORS = [*KEPT, *UNKEPT, "/api/ai-sdk/chat", "/api/ag-ui"]


@pytest.fixture(scope="module")
def crew(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("agents") / "agents.yaml"
    file.write_text(AGENTS)
    server.manage("agents_import", str(file))
    return server


@pytest.fixture
async def http(crew: Any) -> Any:
    headers = {"Authorization": f"Bearer {crew.keys['alice']}"}
    async with httpx2.AsyncClient(base_url=crew.url, headers=headers, timeout=60) as client:
        yield client


@pytest.mark.parametrize("path", DOORS)
async def test_an_agent_is_named_on_every_door(http: Any, vendor: Any, path: str) -> None:
    vendor.play(text="Ahoy.")
    told = await http.post(path, json=body_of(path, "corsair"))
    assert told.status_code == 200, told.text
    assert "Ahoy." in told.text
    assert "Talk like a corsair." in json.dumps(vendor.requests[-1].body)


@pytest.mark.parametrize("path", DOORS)
async def test_an_agent_that_is_not_there_is_refused(http: Any, path: str) -> None:
    told = await http.post(path, json=body_of(path, "nobody"))
    assert told.status_code == 400
    assert "agent" in told.text


@pytest.mark.parametrize("path", UNKEPT)
async def test_a_workflow_answers_where_nothing_is_kept(http: Any, vendor: Any, path: str) -> None:
    vendor.play(text="Ahoy.")
    told = await http.post(path, json=body_of(path, "fleet"))
    assert "Ahoy." in told.text
    assert "Ahoy.!" in json.dumps(vendor.requests[-1].body)
    listed = (await http.get("/api/sessions/")).json()["results"]
    assert not [one for one in listed if one["title"].startswith("streaming-")]


@pytest.mark.parametrize("path", UNKEPT)
async def test_who_would_ask_a_person_is_refused_where_nothing_is_kept(http: Any, path: str) -> None:
    error = (await http.post(path, json=body_of(path, "asker"))).json()["error"]
    assert (error["code"], error["field"]) == ("agent_needs_person", "agent")


async def test_agents_answer_beside_models_at_the_guide(http: Any, crew: Any, vendor: Any) -> None:
    vendor.play(text="Ahoy.")
    asked = {"messages": SAID, "generator_mode": "interleaved", "provider_ids": ["corsair", "demo/fast"]}
    told = (await http.post("/api/streaming/chat", json={**asked, "options": {"tokens": 2}})).text
    events = [json.loads(line[6:]) for line in told.split("\n") if line.startswith("data: {")]
    ends = {event["source"]: event["type"] for event in events}
    assert ends == {"corsair": "finish", "demo/fast": "finish"}
    address = f"{crew.url.replace('http', 'ws')}/api/streaming/ws/alice"
    key = {"Authorization": f"Bearer {crew.keys['alice']}"}
    async with websockets.connect(address, additional_headers=key) as socket:
        await socket.send(
            json.dumps({"message_type": "chat_request", "data": {"messages": SAID, "agent": "fleet"}})
        )
        kinds: list[str] = []
        while not kinds or kinds[-1] not in ("finish", "error"):
            frame = json.loads(await socket.recv())
            kinds.append(frame["data"].get("event_type", frame["message_type"]))
    assert "text-delta" in kinds and kinds[-1] == "finish"
