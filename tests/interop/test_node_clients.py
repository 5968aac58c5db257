"""The official Node clients, unmodified: what they make of an answer and of a refusal."""

import asyncio
import json
import shutil
from typing import Any

import pytest

from tests.clients import eventually
from tests.fakes.script import ToolCall
from tests.gateway.leaving import closed
from tests.interop.servers import PROGRAMS
from tests.interop.test_clients import Told, running

PLAY = PROGRAMS / "play.mjs"
REFUSALS = {
    "openai": [401, "invalid_api_key"],
    "responses": [404, "model_not_found"],
    "anthropic": [401, "authentication_error"],
    "ai-sdk": [None, "This API key is not valid."],
    "ag-ui": [True],
}


@pytest.mark.parametrize("client", REFUSALS)
async def test_a_node_client_reads_the_answer_and_the_refusal(server: Any, vendor: Any, client: str) -> None:
    vendor.play(pieces=["Hel", "lo 👩‍👩‍👧 ", "你\u2028好"], cut=3, reasoning="Hmm.")
    node = shutil.which("node")
    assert node, "the Node clients need node"
    played = await asyncio.create_subprocess_exec(
        node, str(PLAY), server.url, server.keys["alice"], client, stdout=-1, stderr=-1
    )
    told, failed = await played.communicate()
    assert played.returncode == 0, failed.decode()
    assert json.loads(told) == {"text": "Hello 👩‍👩‍👧 你\u2028好", "tokens": 10, "error": REFUSALS[client]}


@pytest.mark.parametrize("vendor_name", ["openai", "anthropic"])
async def test_a_node_sdk_takes_whole_answers_tools_and_its_leave(
    server: Any, vendor: Any, vendor_name: str
) -> None:
    program = PROGRAMS / "sdk_client.mjs"
    async with running("node", program, server.url, server.keys["alice"], vendor_name) as process:
        sdk = Told(process)
        vendor.play(pieces=["Hel", "lo 👩‍👩‍👧 ", "你\u2028好"], cut=3)
        assert await sdk.play("whole") == ["Hello 👩‍👩‍👧 你\u2028好", 10]
        vendor.play(text="", tools=[ToolCall("weather", '{"city": "北京"}')])
        assert await sdk.play("tools") == ["weather", {"city": "北京"}]
        assert "sunny 晴" in str(vendor.requests[-1].body)
        assert await sdk.play("unknown") == ["NotFoundError", 404]
        vendor.play(pieces=["word "] * 5000, rate=50)
        assert await sdk.play("leaves") == "left"
        await eventually(lambda: closed(vendor.requests[-1]))
