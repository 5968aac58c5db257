"""One long-lived client of an MCP server: connected when it is first needed, again after it went away.

A task of its own enters and leaves the SDK's client, as that demands; calls come from the tasks of runs.
Cancelling a call tells the server so (the SDK sends `notifications/cancelled`).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import httpx2
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ToolListChangedNotification
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from chat.tools.contract import CallContext
from chat.tools.errors import OutputTooLarge, ToolError, ToolUnavailable
from chat.tools.mcp.fate import LARGEST, Fate
from chat.tools.mcp.http import client_maker
from chat.tools.mcp.output import output_of
from chat.tools.mcp.stdio import bounded_stdio
from chat.tools.targets import ListedTool, Target

logger = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 10.0
REST_SECONDS: Final = 10.0  # after a failed attempt to connect, in which calls fail at once
MOST_PAGES: Final = 20  # of a list of tools
SESSION_GONE: Final = "Session terminated"  # the SDK's word for a session that the server does not know

Listed = Callable[[list[ListedTool], str], Awaitable[None]]


class McpConnection:
    """`listed` is told the server's tools whenever they were read, or why they could not be."""

    def __init__(self, target: Target, listed: Listed) -> None:
        self.target = target
        self.tools: list[ListedTool] | None = None  # none until they were read
        self._listed = listed
        self._lock = asyncio.Lock()
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()
        self._fate = Fate()
        self._failed_at = -REST_SECONDS
        self._failure = ""

    async def refresh(self) -> list[ListedTool]:
        """The tools, read anew. Raises ToolUnavailable."""
        client = await self._connected()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self.tools = await _all_tools(client)
        except (MCPError, TimeoutError, ValidationError) as error:
            raise ToolUnavailable(f"{self.target.name}: its tools could not be listed.") from error
        await self._listed(self.tools, "")
        return self.tools

    async def call(self, tool: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
        """Raises ToolError."""
        try:
            return await self._call(tool, arguments, context)
        except MCPError as error:
            if str(error) != SESSION_GONE:
                raise
            self._fate.over.set()  # the server was started anew and did not run the call
            return await self._call(tool, arguments, context)

    async def _call(self, tool: str, arguments: Mapping[str, Any], context: CallContext) -> Any:
        client, fate = await self._connected(), self._fate

        async def say(progress: float, total: float | None, message: str | None) -> None:
            context.progress(progress, total, message or tool)

        try:
            result = await client.call_tool(tool, dict(arguments), progress_callback=say)
        except MCPError as error:
            if str(error) == SESSION_GONE and not fate.too_large:
                raise
            raise self._explained(error, fate) from error
        except (ValidationError, RuntimeError, httpx2.HTTPError) as error:
            raise self._explained(error, fate) from error
        return output_of(result)

    def _explained(self, error: Exception, fate: Fate) -> ToolError:
        if fate.too_large:
            fate.over.set()
            return OutputTooLarge(f"The tool's answer was larger than {LARGEST // 1024 // 1024} MiB.")
        logger.warning("mcp %s: %s", self.target.name, self.target.without_secrets(str(error))[:500])
        if fate.over.is_set() or _is_closed(error):
            fate.over.set()
            return ToolUnavailable(f"{self.target.name} went away during the call.")
        if isinstance(error, MCPError):
            return ToolError(self.target.without_secrets(error.message)[:1000])
        return ToolError(f"{self.target.name} answered in a way that cannot be read.")

    async def close(self) -> None:
        self._fate.over.set()
        if self._task:
            await asyncio.wait([self._task], timeout=CONNECT_SECONDS)
            self._task.cancel()

    # --- the client's life ------------------------------------------------------------------

    async def _connected(self) -> Client:
        """Raises ToolUnavailable."""
        async with self._lock:
            if self._client and not self._fate.over.is_set():
                return self._client
            if time.monotonic() - self._failed_at < REST_SECONDS:
                raise ToolUnavailable(self._failure)
            self._fate = Fate()
            ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._live(ready, self._fate))
            waiting: list[asyncio.Future[Any]] = [ready, self._task]
            try:
                await asyncio.wait(waiting, timeout=CONNECT_SECONDS, return_when="FIRST_COMPLETED")
            finally:
                if not ready.done():
                    self._task.cancel()
            if ready.done():
                return ready.result()
            raise await self._refused()

    async def _refused(self) -> ToolUnavailable:
        self._failed_at = time.monotonic()
        self._failure = f"{self.target.name} cannot be reached."
        await self._listed([], self._failure)
        return ToolUnavailable(self._failure)

    async def _live(self, ready: "asyncio.Future[Client]", fate: Fate) -> None:
        try:
            async with Client(self._transport(fate), message_handler=self._on_message, cache=None) as client:
                self._client = client
                ready.set_result(client)
                listening = asyncio.create_task(self._keep_listed(client))
                await fate.over.wait()
                listening.cancel()
        except Exception as error:  # whatever a foreign server makes the SDK raise
            told = self.target.without_secrets(_reason(error))[:300]
            logger.warning("mcp %s: the connection ended: %s", self.target.name, told)
        finally:
            fate.over.set()

    def _transport(self, fate: Fate) -> Any:
        target = self.target
        if target.transport == "stdio":
            return bounded_stdio(target.command, fate)
        make = client_maker(target.headers, fate)
        if target.transport == "sse":
            return sse_client(target.url, httpx_client_factory=make)
        return streamable_http_client(target.url, http_client=make(), max_sse_event_size=LARGEST)

    # --- its list -----------------------------------------------------------------------------

    async def _on_message(self, message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._stale.set()

    async def _keep_listed(self, client: Client) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(client))
            while True:
                self._stale.clear()
                await self._refresh_quietly()
                await self._stale.wait()

    async def _listen(self, client: Client) -> None:
        """Newer servers tell of changes only on a stream that is asked for."""
        tools = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or not (tools and tools.list_changed):
            return
        with contextlib.suppress(Exception):  # it ends with the connection, and then all is listed anew
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._stale.set()

    async def _refresh_quietly(self) -> None:
        with contextlib.suppress(ToolError):
            await self.refresh()


async def _all_tools(client: Client) -> list[ListedTool]:
    found, cursor = [], None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [_listed_tool(tool) for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            break
    return found


def _listed_tool(tool: Any) -> ListedTool:
    return ListedTool(
        name=tool.name,
        description=tool.description or tool.title or "",
        parameters=tool.input_schema,
        read_only=bool(tool.annotations and tool.annotations.read_only_hint),
    )


def _is_closed(error: Exception) -> bool:
    return isinstance(error, MCPError) and "closed" in error.message.lower()


def _reason(error: BaseException) -> str:
    """The first of what went wrong; the SDK wraps it in groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
