"""The stdio transport with bounds: a line of one answer, what is read of stderr, and how long an end takes.

The SDK's own gathers a line by joining strings, which for an answer of 100 MB takes minutes of CPU and all
the memory. The wire format is its (a JSON-RPC message per line), and so are the environment and the steps of
the shutdown: close stdin, wait, SIGTERM to the group, SIGKILL.
"""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from chat.tools.mcp.fate import LARGEST, Fate

logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 1.0  # after its input is closed, and again after SIGTERM
STDERR_READ: Final = 64 * 1024  # bytes read of stderr at once, and then a rest: a flood blocks its writer
STDERR_REST: Final = 0.01  # seconds
STDERR_LOGGED: Final = 20  # lines of one process that go to the log

Incoming = SessionMessage | Exception


@asynccontextmanager
async def bounded_stdio(command: tuple[str, ...], fate: Fate) -> AsyncGenerator[Any, None]:
    """Read and write streams of a server that is started for it. Raises OSError where it cannot be."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LARGEST,
        env=get_default_environment(),
        start_new_session=True,
    )
    heard, incoming = anyio.create_memory_object_stream[Incoming](0)
    outgoing, said = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as group:
        group.start_soon(_read, process, heard, fate)
        group.start_soon(_write, process, said, heard)
        group.start_soon(_drain, process, command[0])
        try:
            yield incoming, outgoing
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for stream in (incoming, outgoing, heard, said):
                    await stream.aclose()
            group.cancel_scope.cancel()


async def _read(
    process: asyncio.subprocess.Process, heard: "MemoryObjectSendStream[Incoming]", fate: Fate
) -> None:
    stdout = cast(asyncio.StreamReader, process.stdout)
    async with heard:
        try:
            while line := await stdout.readline():
                await heard.send(_parsed(line))
        except ValueError:  # StreamReader: the line is longer than its limit
            fate.too_large = True
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            pass
    fate.over.set()


def _parsed(line: bytes) -> Incoming:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _write(
    process: asyncio.subprocess.Process,
    said: "MemoryObjectReceiveStream[SessionMessage]",
    heard: "MemoryObjectSendStream[Incoming]",
) -> None:
    stdin = cast(asyncio.StreamWriter, process.stdin)
    try:
        async with said:
            async for message in said:
                line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                stdin.write(line.encode() + b"\n")
                await stdin.drain()
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        await heard.aclose()  # the session sees the end, instead of waiting for an answer for ever


async def _drain(process: asyncio.subprocess.Process, name: str) -> None:
    stderr = cast(asyncio.StreamReader, process.stderr)
    logged = 0
    while chunk := await stderr.read(STDERR_READ):
        for line in chunk.decode("utf-8", "replace").splitlines()[: STDERR_LOGGED - logged]:
            logger.info("%s: %s", name, line[:300])
            logged += 1
        if len(chunk) > STDERR_READ // 2:
            await asyncio.sleep(STDERR_REST)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Its group's id is its own: it was started as the leader of one."""
    if process.stdin:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        if await _ended(process):
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
    await _ended(process)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it started itself and left behind


async def _ended(process: asyncio.subprocess.Process) -> bool:
    """Not by `process.wait()`, which also waits for pipes that a grandchild may hold."""
    with anyio.move_on_after(GRACE_SECONDS):
        while process.returncode is None:  # noqa: ASYNC110 - the transport sets it, there is no event
            await asyncio.sleep(0.01)
    return process.returncode is not None
