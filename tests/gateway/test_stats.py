"""What the guide's and the agent's doors tell of themselves."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.clients import eventually
from tests.gateway.test_guide_socket import guide

ASK = {"messages": [{"role": "user", "content": "hi"}], "provider_id": "openai/gpt-fake"}


def client(server: Any, name: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.keys[name]}"}
    return httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60)


@pytest.fixture
async def operator(own_server: Any) -> AsyncIterator[Any]:
    """Alice operates this server."""
    own_server.start()
    own_server.keys = own_server.cast()
    code = "from django.contrib.auth import get_user_model as g; "
    code += "g().objects.filter(username='alice').update(is_staff=True)"
    own_server.manage("shell", "-c", code)
    async with client(own_server, "alice") as http:
        yield http


async def test_answers_are_counted_and_begun_anew(own_server: Any, operator: Any, vendor: Any) -> None:
    vendor.play(text="Hello.", usage={"input": 7, "output": 3})
    async with client(own_server, "bob") as bob:
        assert (
            await bob.post("/chat", json={"message": "hi", "model": "openai/gpt-fake"})
        ).status_code == 200
        streamed = await bob.post("/chat/stream", json={"message": "hi", "model": "openai/gpt-fake"})
        assert '"total_cost"' in streamed.text

        async def counted() -> Any:
            told = (await bob.get("/stats")).json()
            return told if told["total_requests"] == 2 else None

        told = await eventually(counted)
        assert (told["scope"], told["total_tokens"], told["total_errors"]) == ("own", 20, 0)
        assert told["avg_response_time"] >= 0
        assert (await bob.post("/reset-stats")).status_code == 403
        assert (await bob.get("/api/streaming/stats")).status_code == 403
    mine = (await operator.get("/stats")).json()
    assert (mine["scope"], mine["total_requests"]) == ("server", 2)
    assert (await operator.post("/reset-stats")).status_code == 200
    assert (await operator.get("/stats")).json()["total_requests"] == 0


async def test_operators_see_how_streaming_does(own_server: Any, operator: Any, vendor: Any) -> None:
    vendor.play(text="Hello.")
    before = await _asked_openai(operator)
    async with guide(own_server, "bob", "bob") as socket:
        await socket.say("chat_request", **ASK)
        assert (await socket.hear_answer())[-1]["event_type"] == "finish"
        await socket.say("chat_request", messages=ASK["messages"], provider_id="demo/fail")
        while "error" not in str(await socket.hear()):
            pass

        async def counted() -> Any:
            told = (await operator.get("/api/streaming/stats")).json()
            return told if told["total_requests"] == 2 else None

        told = await eventually(counted)
    assert told["error_rate"] == 0.5
    assert told["websocket"]["active_connections"] == 1
    assert told["streaming"]["active_sessions"] == 0
    assert told["providers"]["openai"]["healthy"] is True
    assert told["providers"]["openai"]["total_requests"] == before + 1  # over Redis, of all servers on it


async def _asked_openai(operator: Any) -> int:
    return int((await operator.get("/api/streaming/stats")).json()["providers"]["openai"]["total_requests"])


async def test_the_service_tells_its_status_without_a_key(server: Any) -> None:
    async with httpx2.AsyncClient(base_url=server.url) as http:
        home = await http.get("/", headers={"Accept": "application/json"})
        assert (home.status_code, home.json()["status"]) == (200, "ok")
        assert (await http.get("/stats")).status_code == 401
        assert (await http.post("/reset-stats")).status_code in (401, 403)
        assert (await http.get("/api/streaming/stats")).status_code == 401
