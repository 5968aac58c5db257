"""The examples of the user's documents as they are printed there, with this server's address and a key."""

import json
from typing import Any

import httpx2
import pytest

from tests.interop.test_clients import curl, running

GUIDE_CHAT = """{
    "messages": [
      {"role": "user", "content": "你好！"}
    ],
    "stream_format": "sse",
    "provider_id": "openai_gpt35"
  }"""
GUIDE_REGISTER = """{
    "provider_id": "my_openai",
    "provider_type": "openai",
    "model_name": "gpt-4",
    "api_key": "your-api-key"
  }"""
AGENT_CHAT = '{"message": "你好，世界！"}'
GUIDE_SOCKET = """
const ws = new WebSocket('ADDRESS');

ws.onopen = function(event) {
    console.log('WebSocket连接已建立');

    // 发送聊天请求
    ws.send(JSON.stringify({
        message_type: 'chat_request',
        data: {
            messages: [
                {role: 'user', content: '你好！'}
            ],
            generator_mode: 'standard'
        }
    }));
};

ws.onmessage = function(event) {
    const data = JSON.parse(event.data);

    if (data.message_type === 'stream_event') {
        const eventData = data.data;

        if (eventData.event_type === 'text-delta') {
            // 处理文本增量
            console.log(eventData.event_data.content);
        } else if (eventData.event_type === 'finish') {
            // 处理完成事件
            console.log('对话完成');
            process.exit();
        }
    }
};
"""


def client(server: Any) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    return httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60)


async def posted(server: Any, path: str, body: str, *more: str) -> str:
    key = f"Authorization: Bearer {server.keys['alice']}"
    json_type = ("-H", "Content-Type: application/json", "-H", key)
    return await curl("-X", "POST", f"{server.url}{path}", *json_type, "-d", body, *more)


def data_of(text: str) -> list[Any]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


async def test_the_guides_curl(server: Any, vendor: Any) -> None:
    own = {"provider_id": "openai_gpt35", "provider_type": "openai", "model_name": "gpt-3.5-turbo"}
    async with client(server) as http:
        made = await http.post(
            "/api/streaming/providers/register",
            json={**own, "api_key": "sk-own-key-of-gpt35", "base_url": vendor.base_url},
        )
        assert made.status_code in (200, 201), made.text
        vendor.play(text="你好，世界。")
        told = data_of(await posted(server, "/api/streaming/chat", GUIDE_CHAT))
        assert "".join(t["content"] for t in told if t["type"] == "text-delta") == "你好，世界。"
        await posted(server, "/api/streaming/providers/register", GUIDE_REGISTER)
        assert (await http.delete("/api/providers/my_openai/")).status_code == 204


@pytest.mark.parametrize("ending", [("--no-buffer",), ()])
async def test_the_agents_curl(server: Any, vendor: Any, ending: tuple[str, ...]) -> None:
    vendor.play(text="你好，世界。")
    if not ending:
        assert json.loads(await posted(server, "/chat", AGENT_CHAT))["response"]
        return
    told = data_of(await posted(server, "/chat/stream", AGENT_CHAT, *ending))
    assert [told[0]["type"], told[-1]["type"]] == ["start", "complete"]
    assert "".join(t["chunk"] for t in told if t["type"] == "content") == told[-1]["full_content"] != ""


async def test_the_guides_socket_in_javascript(server: Any, vendor: Any) -> None:
    vendor.play(text="你好，世界。")
    async with client(server) as http:
        ticket = (await http.post("/api/ws-ticket/")).json()["ticket"]
    address = f"ws://127.0.0.1:{server.port}/api/streaming/ws/alice?ticket={ticket}"
    script = GUIDE_SOCKET.replace("ADDRESS", address)
    async with running("node", "--experimental-websocket", "--no-warnings", "-e", script) as process:
        told, failed = await process.communicate()
    assert told.decode().startswith("WebSocket连接已建立\n"), failed.decode()
    assert told.decode().endswith("对话完成\n")
