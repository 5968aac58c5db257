"""The MCP servers of this process: one long-lived connection each, made when it is first needed.

The SDK is imported with the first connection, so that processes that call no tool never pay for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from chat.db import in_database
from chat.models import McpServer
from chat.tools.contract import CallContext
from chat.tools.errors import ToolError
from chat.tools.targets import ListedTool, Target, target_of
from providers.briefly import forget

logger = logging.getLogger(__name__)

ENVIRONMENT = "mcp"  # the name of the server that MCP_URL gives


class Connection(Protocol):
    target: Target
    tools: list[ListedTool] | None

    async def refresh(self) -> list[ListedTool]: ...
    async def call(self, tool: str, arguments: Mapping[str, Any], context: CallContext) -> Any: ...
    async def close(self) -> None: ...


_connections: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Connection]] = WeakKeyDictionary()
_beside: set["asyncio.Task[None]"] = set()  # connections that come and go while nobody waits for them
_coming: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, asyncio.Task[None]]] = WeakKeyDictionary()


async def call_tool(server_id: int, tool: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
    """Raises ToolError."""
    connection = await _connection(server_id)
    return await connection.call(tool, arguments, context)


def enabled_servers() -> list[int]:
    return list(McpServer.objects.filter(enabled=True).values_list("pk", flat=True))


async def refresh_lists(server_ids: Iterable[int], seconds: float | None = None) -> None:
    """Read the lists of tools of these servers, all at once; what fails is told in the server's row. One that
    takes longer than `seconds` goes on beside."""
    coming = [_begun(server_id) for server_id in set(server_ids)]
    if coming:
        await asyncio.wait(coming, timeout=seconds)


def refresh_soon(server_ids: Iterable[int]) -> None:
    """Connect to those that this process has no connection with yet, beside what goes on: what a row says of
    their tools may be old by now."""
    known = _connections.setdefault(asyncio.get_running_loop(), {})
    for server_id in set(server_ids) - known.keys():
        _begun(server_id)


def _begun(server_id: int) -> "asyncio.Task[None]":
    """The one reading of this server's list that goes on."""
    coming = _coming.setdefault(asyncio.get_running_loop(), {})
    if server_id not in coming:
        coming[server_id] = asyncio.create_task(_refreshed(server_id))
        coming[server_id].add_done_callback(lambda _: coming.pop(server_id, None))
    return coming[server_id]


async def close_servers() -> None:
    """Of the running loop."""
    connections = _connections.pop(asyncio.get_running_loop(), {})
    await asyncio.gather(*(connection.close() for connection in connections.values()))


def servers_from_environment() -> None:
    """MCP_URL as a row, or none where it is not set any more."""
    rows = McpServer.objects.filter(from_environment=True)
    if not settings.MCP_URL:
        rows.delete()
    elif not rows.filter(url=settings.MCP_URL, policy=settings.MCP_POLICY).exists():
        told = {"url": settings.MCP_URL, "policy": settings.MCP_POLICY, "transport": "http"}
        McpServer.objects.update_or_create(name=ENVIRONMENT, defaults={**told, "from_environment": True})


async def _refreshed(server_id: int) -> None:
    try:
        await (await _connection(server_id)).refresh()
    except ToolError as error:
        logger.warning("tools: %s", error.message)
    except Exception:  # nobody may be waiting for it
        logger.exception("tools: a list could not be read")


async def _connection(server_id: int) -> Connection:
    """Made anew when the server's settings have changed."""
    target = await in_database(_target, server_id)
    connections = _connections.setdefault(asyncio.get_running_loop(), {})
    known = connections.get(server_id)
    if known and known.target == target:
        return known
    made = await asyncio.to_thread(import_string, "chat.tools.mcp.connection.McpConnection")
    if known and connections.get(server_id) is known:
        task = asyncio.create_task(known.close())
        _beside.add(task)
        task.add_done_callback(_beside.discard)
    if connections.get(server_id) is known:  # nobody was faster while the SDK was imported
        connections[server_id] = made(target, _listener(server_id))
    return connections[server_id]


def _listener(server_id: int) -> Callable[[list[ListedTool], str], Awaitable[None]]:
    async def listed(tools: list[ListedTool], error: str) -> None:
        await in_database(_listed, server_id, tools, error)

    return listed


def _target(server_id: int) -> Target:
    server = McpServer.objects.filter(pk=server_id, enabled=True).first()
    if server is None:
        raise ToolError("The tool's server is not set up any more.", code="tool_unavailable")
    return target_of(server)


def _listed(server_id: int, tools: list[ListedTool], error: str) -> None:
    """What was listed before stays while the server cannot be reached: a call will say so."""
    rows = McpServer.objects.filter(pk=server_id)
    if error:
        rows.update(error=error[:300], listed_at=timezone.now())
    else:
        rows.update(tools=[_as_json(tool) for tool in tools], error="", listed_at=timezone.now())
    forget()


def _as_json(tool: ListedTool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "read_only": tool.read_only,
    }
