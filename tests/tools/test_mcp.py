"""MCP servers as they are: from the registries over stdio and HTTP, and one that misbehaves."""

import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.tools.contract import CallContext
from chat.tools.errors import OutputTooLarge, ToolError, ToolUnavailable
from chat.tools.mcp.connection import McpConnection
from chat.tools.targets import ListedTool, Target
from providers.events import Progress, ToolOutputAvailable
from tests.clients import eventually
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
EVERYTHING = str(ROOT / "node_modules/.bin/mcp-server-everything")
TIME = str(Path(sys.executable).parent / "mcp-server-time")
ODD = str(Path(__file__).parent / "odd_server.py")


class Place:
    """A connection, what it told of the server's list, and what the server was asked."""

    def __init__(self, journal: Path, **target: Any) -> None:
        self.journal = journal
        self.lists: list[list[str]] = []
        self.said: list[Any] = []
        self.connection = McpConnection(Target(server_id=1, name="it", **target), self._listed)

    async def _listed(self, tools: list[ListedTool], error: str) -> None:
        self.lists.append([tool.name for tool in tools])

    async def call(self, tool: str, **arguments: Any) -> Any:
        context = CallContext(tool_call_id="1", say=self.said.append)
        return await self.connection.call(tool, arguments, context)

    def asked(self, method: str) -> list[Any]:
        if not self.journal.exists():
            return []
        lines = map(json.loads, self.journal.read_text().splitlines())
        return [line["params"] for line in lines if line["method"] == method]

    async def was_asked(self, method: str) -> bool:
        return bool(self.asked(method))

    async def has_listed(self, *names: str) -> bool:
        return self.lists[-1] == list(names)


@pytest.fixture
async def odd(tmp_path: Path) -> AsyncIterator[Place]:
    journal = tmp_path / "journal"
    place = Place(journal, transport="stdio", command=(sys.executable, ODD, str(journal)))
    yield place
    await place.connection.close()


@pytest.fixture(scope="module")
def everything_urls() -> Iterator[dict[str, str]]:
    """By transport; each is a server of its own."""
    with everything("streamableHttp") as streaming, everything("sse") as events:
        yield {"http": f"{streaming}/mcp", "sse": f"{events}/sse", "stdio": ""}


@contextlib.contextmanager
def everything(transport: str) -> Iterator[str]:
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(
        [EVERYTHING, transport], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def test_the_time_server_tells_the_time(tmp_path: Path) -> None:
    place = Place(tmp_path, transport="stdio", command=(TIME, "--local-timezone", "UTC"))
    listed = await place.connection.refresh()
    told = await place.call("get_current_time", timezone="Asia/Shanghai")
    await place.connection.close()
    assert {tool.name for tool in listed} == {"get_current_time", "convert_time"}
    assert told["timezone"] == "Asia/Shanghai"


@pytest.mark.parametrize("transport", ["stdio", "http", "sse"])
async def test_everything_echoes_adds_and_tells_how_far_it_is(
    tmp_path: Path, transport: str, everything_urls: dict[str, str]
) -> None:
    place = Place(
        tmp_path, transport=transport, url=everything_urls[transport], command=(EVERYTHING, "stdio")
    )
    await _reachable(place)
    assert await place.call("echo", message="你好") == "Echo: 你好"
    assert "42" in await place.call("get-sum", a=2, b=40)
    await place.call("trigger-long-running-operation", duration=1, steps=2)
    steps = [(event.done, event.total) for event in place.said if isinstance(event, Progress)]
    shown = [event.output for event in place.said if isinstance(event, ToolOutputAvailable)]
    with pytest.raises(ToolError):
        await place.call("echo")
    await place.connection.close()
    assert steps == [(1, 2), (2, 2)]
    assert all("/ 2" in output for output in shown)


async def test_pictures_are_told_and_not_carried(tmp_path: Path) -> None:
    place = Place(tmp_path, transport="stdio", command=(EVERYTHING, "stdio"))
    output = await place.call("get-tiny-image")
    await place.connection.close()
    assert {"media_type", "bytes"} in [set(piece) for piece in output if isinstance(piece, dict)]


async def test_a_tool_that_fails_says_so_in_its_own_words(odd: Place) -> None:
    with pytest.raises(ToolError, match="this went wrong"):
        await odd.call("fail", text="x")
    assert await odd.call("count", text="still there") == "still there"


async def test_a_server_that_dies_in_a_call_is_told_and_started_again(odd: Place) -> None:
    with pytest.raises(ToolUnavailable, match="went away"):
        await odd.call("die", text="x")
    assert await odd.call("count", text="again") == "again"
    assert len(odd.asked("initialize")) == 2
    assert [call["name"] for call in odd.asked("tools/call")] == ["die", "count"]


async def test_100_megabytes_are_refused_while_the_process_stays_small(odd: Place) -> None:
    await odd.call("count", text="x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(OutputTooLarge):
        await odd.call("huge", text="x")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (
        grown < 64 * 1024
    )  # KiB; twice the limit of one line is read ahead, and held once more to be judged
    assert await odd.call("count", text="again") == "again"


async def test_a_flood_on_stderr_neither_blocks_nor_fills_memory(odd: Place) -> None:
    assert await odd.call("flood", text="x") == "flooded"


async def test_a_call_that_is_cancelled_is_cancelled_at_the_server(odd: Place) -> None:
    hanging = asyncio.create_task(odd.call("hang", text="x"))
    await eventually(lambda: odd.was_asked("tools/call"))
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    await eventually(lambda: odd.was_asked("notifications/cancelled"))
    assert await odd.call("count", text="on") == "on"


async def test_a_list_that_changes_is_read_again(odd: Place) -> None:
    assert "grow" in [tool.name for tool in await odd.connection.refresh()]
    await odd.call("grow", text="x")
    await eventually(lambda: odd.has_listed("count", "grown"))
    assert [tool.name for tool in odd.connection.tools or []] == ["count", "grown"]


async def test_what_cannot_be_started_is_unavailable_and_asked_again_only_later(tmp_path: Path) -> None:
    place = Place(tmp_path, transport="stdio", command=(str(tmp_path / "nothing"),))
    for _ in range(2):
        with pytest.raises(ToolUnavailable, match="cannot be reached"):
            await place.call("count", text="x")
    assert place.lists == [[]]


async def test_nobody_listens(tmp_path: Path) -> None:
    place = Place(tmp_path, transport="http", url=f"http://127.0.0.1:{free_port()}/mcp")
    with pytest.raises(ToolUnavailable, match="cannot be reached"):
        await place.call("count", text="x")


async def _reachable(place: Place) -> None:
    """The server may still be starting."""
    while True:
        try:
            await place.connection.refresh()
            return
        except ToolUnavailable:
            place.connection._failed_at = float("-inf")
            await asyncio.sleep(0.1)
