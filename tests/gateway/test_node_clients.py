"""The official Node clients, unmodified: what they make of an answer and of a refusal."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

PLAY = Path(__file__).parent / "node" / "play.mjs"
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
