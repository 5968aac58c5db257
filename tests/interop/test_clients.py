"""Clients of others at Parley's doors: LiteLLM, curl, and an EventSource that is cut off."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.clients import Api, eventually
from tests.fakes.script import ToolCall
from tests.interop import environments
from tests.interop.servers import PROGRAMS
from tests.interop.tap import Tap

PIECES = ["Hel", "lo 👩‍👩‍👧 ", "你\u2028好"]
TEXT = "".join(PIECES)
# LiteLLM's prefix is the wire that it speaks; what follows is Parley's name of the model.
CLIENTS = {"openai": ("/v1", "openai/openai/gpt-fake"), "anthropic": ("", "anthropic/anthropic/claude-fake")}


class Told:
    """A program that is told by lines what to play, and tells in lines what came of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def play(self, name: str) -> Any:
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._process.stdin.write(f"{name}\n".encode())
        told = await self._process.stdout.readline()
        return json.loads(told) if told else pytest.fail((await self._process.stderr.read()).decode()[-3000:])


@asynccontextmanager
async def running(*command: object, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    arguments = [str(part) for part in command]
    process = await asyncio.create_subprocess_exec(*arguments, stdin=-1, stdout=-1, stderr=-1, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("wire", CLIENTS)
async def test_litellm_reads_answers_tools_and_refusals(server: Any, vendor: Any, wire: str) -> None:
    path, model = CLIENTS[wire]
    python = installed_python("litellm")
    program = PROGRAMS / "litellm_client.py"
    async with running(python, program, server.url + path, server.keys["alice"], model) as process:
        client = Told(process)
        vendor.play(pieces=PIECES, cut=3)
        assert await client.play("whole") == [TEXT, 10]
        assert await client.play("streamed") == [TEXT, 10]
        vendor.play(text="", tools=[ToolCall("weather", '{"city": "北京"}')])
        assert await client.play("tools") == ["weather", {"city": "北京"}, "tool_calls"]
        assert "sunny 晴" in str(vendor.requests[-1].body)
        assert await client.play("wrong_key") == ["AuthenticationError", 401]
        assert await client.play("unknown_model") == ["NotFoundError", 404]
        vendor.play(pieces=["word "] * 5000, rate=50)
        assert await client.play("begins") == "word "
        upstream = vendor.requests[-1]
        assert upstream.closed_at is None

    async def left() -> bool:
        return upstream.closed_at is not None

    await eventually(left)  # the program has ended in the middle of the answer


async def test_an_event_source_goes_on_where_it_was_cut(server: Any, vendor: Any) -> None:
    folder = installed_node()
    pieces = [f"{number} 你好 " for number in range(60)]
    vendor.play(pieces=pieces, rate=40)
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        run = (await alice.send(session["id"], "Tell me", model="openai/gpt-fake"))["runs"][0]
        program = PROGRAMS / "event_source.mjs"
        with Tap(server.port, cut_first_after=5000) as tap:
            address = f"http://127.0.0.1:{tap.port}/api/runs/{run['id']}/events/"
            async with running("node", program, address, server.keys["alice"], cwd=folder) as process:
                told, failed = await process.communicate()
    assert told, failed.decode()
    seen = json.loads(told)
    assert [frame["seq"] for frame in seen["frames"]] == list(range(1, len(seen["frames"]) + 1))
    deltas = [frame["delta"] for frame in seen["frames"] if frame["type"] == "text-delta"]
    assert "".join(deltas) == "".join(pieces)
    cut, end = seen["resumed"]
    assert 0 < cut < end == len(seen["frames"])
    assert (
        seen["connections"] == 3
    )  # the cut one, the one that read to the end, and the one that was told 204


async def curl(*arguments: str) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("there is no curl")
    async with running(program, "-sN", "--max-time", "60", *arguments) as process:
        told, _ = await process.communicate()
    return told.decode()


async def test_curl_reads_every_door_as_it_streams(server: Any, vendor: Any) -> None:
    vendor.play(pieces=PIECES, cut=3)
    key = f"Authorization: Bearer {server.keys['alice']}"
    ask = {"model": "openai/gpt-fake", "stream": True, "messages": [{"role": "user", "content": "Tell me"}]}
    told = await curl(f"{server.url}/v1/chat/completions", "-H", key, "--json", json.dumps(ask))
    chunks = [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: {")]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == TEXT
    assert told.endswith("data: [DONE]\n\n")
    refused = await curl(f"{server.url}/v1/chat/completions", "--json", json.dumps(ask))
    assert json.loads(refused)["error"]["code"] == "invalid_api_key"


def installed_python(name: str) -> Any:
    try:
        return environments.python(name)
    except environments.CannotInstallError as error:
        pytest.skip(f"cannot be installed here: {error}")


def installed_node() -> Any:
    try:
        return environments.node()
    except environments.CannotInstallError as error:
        pytest.skip(f"cannot be installed here: {error}")
