"""Lists of tools are read beside the answers: a server that keeps silent holds nobody up."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from chat.models import McpServer
from chat.tools.servers import close_servers, refresh_lists, refresh_soon

ODD = str(Path(__file__).parent / "odd_server.py")
SILENT = (sys.executable, "-c", "import sys; sys.stdin.read()")


@pytest.mark.django_db(transaction=True)
async def test_a_silent_server_holds_up_neither_the_others_nor_the_answer(
    settings: Any, tmp_path: Path
) -> None:
    settings.MCP_COMMANDS = {"silent": SILENT, "odd": (sys.executable, ODD, str(tmp_path / "journal"))}
    made = [
        await McpServer.objects.acreate(name=name, transport="stdio", command=name)
        for name in settings.MCP_COMMANDS
    ]
    try:
        async with asyncio.timeout(60):
            while not (await McpServer.objects.aget(name="odd")).tools:
                await refresh_lists([server.pk for server in made], 0.2)
                refresh_soon([server.pk for server in made])
        silent = await McpServer.objects.aget(name="silent")
    finally:
        await close_servers()
    assert (silent.tools, silent.listed_at) == ([], None)
