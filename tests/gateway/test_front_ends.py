"""The doors of other front ends: the AI SDK with resume and stop, AG-UI, the streaming agent."""

import asyncio
import json
import uuid
from typing import Any

import httpx2
import pytest

from tests.clients import Api


@pytest.fixture
async def http(server: Any) -> Any:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        yield client


def data_of(text: str) -> list[Any]:
    lines = [line[6:] for line in text.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def ai_sdk_body(chat: str, text: str, **more: Any) -> dict[str, Any]:
    message = {"id": uuid.uuid4().hex, "role": "user", "parts": [{"type": "text", "text": text}]}
    return {
        "id": chat,
        "messages": [message],
        "trigger": "submit-message",
        "model": "openai/gpt-fake",
        **more,
    }


async def test_a_chat_is_resumed_from_its_beginning(http: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 60, rate=40)
    chat = f"chat-{uuid.uuid4().hex}"
    async with http.stream("POST", "/api/ai-sdk/chat", json=ai_sdk_body(chat, "Tell me")) as response:
        assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
        async for line in response.aiter_lines():
            if "text-delta" in line:
                break
    resumed = await http.get(f"/api/ai-sdk/chat/{chat}/stream")
    chunks = data_of(resumed.text)
    assert chunks[0]["type"] == "start"
    assert "".join(c["delta"] for c in chunks if c["type"] == "text-delta") == "word " * 60
    assert (await http.get(f"/api/ai-sdk/chat/{chat}/stream")).status_code == 204


async def test_a_chat_is_stopped_and_the_next_turn_has_the_history(http: Any, vendor: Any) -> None:
    vendor.play(pieces=["word "] * 5000, rate=50)
    chat = f"chat-{uuid.uuid4().hex}"
    kinds: list[str] = []
    stopped = None
    async with http.stream("POST", "/api/ai-sdk/chat", json=ai_sdk_body(chat, "Tell me")) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {"):
                kinds.append(json.loads(line[6:])["type"])
            if "text-delta" in kinds and stopped is None:
                stopped = await http.post(f"/api/ai-sdk/chat/{chat}/stop")
                assert stopped.json() == {"stopped": True}
    assert kinds[-1] == "abort"
    vendor.play(text="Fine.")
    await http.post("/api/ai-sdk/chat", json=ai_sdk_body(chat, "And now?"))
    said = [message["role"] for message in vendor.requests[-1].body["messages"]]
    assert said == ["user", "assistant", "user"]


async def test_what_is_said_first_at_once_makes_one_session(http: Any, vendor: Any) -> None:
    """Two on one branch: one is answered, the others are when they come again."""
    vendor.play(text="Fine.")
    chat = f"chat-{uuid.uuid4().hex}"
    asking = (http.post("/api/ai-sdk/chat", json=ai_sdk_body(chat, f"Tell me {n}")) for n in range(4))
    answers = await asyncio.gather(*asking)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    listed = (await http.get("/api/sessions/")).json()["results"]
    assert len([s for s in listed if s["metadata"].get("ai_sdk_id") == chat]) == 1


async def test_nobody_else_resumes_or_stops_it(server: Any, http: Any, vendor: Any) -> None:
    vendor.play(text="Fine.")
    chat = f"chat-{uuid.uuid4().hex}"
    await http.post("/api/ai-sdk/chat", json=ai_sdk_body(chat, "Tell me"))
    async with Api(server.url, server.keys["carol"]) as carol:
        assert (await carol.http.get(f"/api/ai-sdk/chat/{chat}/stream")).status_code == 204
        assert (await carol.http.post(f"/api/ai-sdk/chat/{chat}/stop")).json() == {"stopped": False}


async def test_the_same_ag_ui_run_is_read_again(http: Any, vendor: Any) -> None:
    vendor.play(text="Fine.")
    body = {
        "threadId": uuid.uuid4().hex,
        "runId": "r1",
        "messages": [{"id": "1", "role": "user", "content": "Tell me"}],
        "forwardedProps": {"model": "openai/gpt-fake"},
    }
    before = len(vendor.requests)
    first, second = [data_of((await http.post("/api/ag-ui", json=body)).text) for _ in range(2)]
    assert [event["type"] for event in first][:1] == ["RUN_STARTED"]
    assert first[-1]["type"] == "RUN_FINISHED"
    assert [e["rawEvent"]["seq"] for e in first] == sorted(e["rawEvent"]["seq"] for e in first)
    texts = ["".join(e.get("delta", "") for e in told) for told in (first, second)]
    assert texts == ["Fine.", "Fine."]
    assert len(vendor.requests) == before + 1


async def test_the_streaming_agent(http: Any) -> None:
    body = {"message": "你好", "system_prompt": "Be brief.", "model": "demo/chat"}
    told = data_of((await http.post("/chat/stream", json=body)).text)
    assert [told[0]["type"], told[-1]["type"]] == ["start", "complete"]
    assert "".join(e["chunk"] for e in told if e["type"] == "content") == told[-1]["full_content"]
    assert set(told[-1]["usage"]) == {"input_tokens", "output_tokens", "total_tokens", "total_cost"}
    whole = (await http.post("/chat", json=body)).json()
    assert whole["response"] == told[-1]["full_content"]
    assert (await http.get("/health")).json()["status"] == "healthy"
    assert (await http.post("/chat", json={"message": " "})).json()["error"]["field"] == "message"


@pytest.mark.parametrize("path", ["/api/ai-sdk/chat", "/api/ag-ui", "/chat", "/chat/stream"])
async def test_without_a_key_nobody_gets_in(server: Any, path: str) -> None:
    async with httpx2.AsyncClient() as client:
        answered = await client.post(f"{server.url}{path}", json={})
    assert answered.status_code in (401, 403)


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic", "ai-sdk", "ag-ui", "text", "guide-ndjson"])
async def test_a_run_is_read_in_any_dialect(server: Any, vendor: Any, dialect: str) -> None:
    vendor.play(text="Hello there.")
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        run = (await alice.send(session["id"], "Tell me", model="openai/gpt-fake"))["runs"][0]
        told = (await alice.http.get(f"/api/runs/{run['id']}/events/?dialect={dialect}")).text
        rest = (await alice.http.get(f"/api/runs/{run['id']}/events/?dialect={dialect}&after=3")).text
        wrong = await alice.http.get(f"/api/runs/{run['id']}/events/?dialect=klingon")
    assert "there." in told
    assert told.endswith(rest)
    assert len(rest) < len(told) or dialect == "text"
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "dialect")
