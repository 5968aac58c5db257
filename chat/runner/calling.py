"""Running tool calls side by side: validated, started durably, timed, capped, and stopped when nobody waits.

What a call says while it runs (progress, preliminary outputs) is shown at a bounded pace: of each call only
the newest matters. A result is never dropped.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from chat.actions.tool_calls import Call, call_end, call_start
from chat.models import Run
from chat.models.ids import new_id
from chat.runner.resting import Rest
from chat.runner.writer import persistently
from chat.tools.contract import CallContext, ServerTool
from chat.tools.errors import ToolError, ToolTimeout
from chat.tools.validation import arguments_from, capped
from providers.agent_events import AgentEvent
from providers.events import Progress, RunEvent, Source, ToolOutputAvailable, ToolOutputError
from providers.tracing import tool_span

logger = logging.getLogger(__name__)

SHOW_EVERY: Final = 0.1  # seconds between two looks at what calls say
LEAVE_SECONDS: Final = 2.0  # that a cancelled call gets to tell its server

Said = Progress | ToolOutputAvailable


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that may run now: its arguments (JSON text, perhaps edited by a person) fit, and whoever had to
    be asked said yes."""

    call: Call
    tool: ServerTool
    arguments: str


class Calls:
    """Some calls of one run, all at once."""

    def __init__(self, run: Run, calls: Iterable[Ready], rest: Rest) -> None:
        self._run = run
        self._calls = list(calls)
        self._rest = rest
        self._news = asyncio.Event()
        self._said: dict[tuple[type[Said], str], Said] = {}
        self._results: list[RunEvent] = []

    async def events(self) -> AsyncIterator[RunEvent]:
        """What they say and how each ends. Closing this stops those that still run. Raises LeaseLost."""
        tasks = [asyncio.create_task(self._one(ready)) for ready in self._calls]
        try:
            while any(not task.done() for task in tasks) or self._news.is_set():
                await self._wait(tasks)
                for event in self._take():
                    yield event
            for task in tasks:
                task.result()
        finally:
            self._rest.on = False
            await _left(tasks)

    async def _wait(self, tasks: "list[asyncio.Task[None]]") -> None:
        """For a result, or for words that are a moment old."""
        pairs = zip(self._calls, tasks, strict=True)
        self._rest.on = all(ready.tool.resumes for ready, task in pairs if not task.done())
        news = asyncio.create_task(self._news.wait())
        going = [task for task in tasks if not task.done()]
        try:
            await asyncio.wait([news, *going], return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        if not self._results and going:
            await asyncio.wait(going, timeout=SHOW_EVERY, return_when=asyncio.FIRST_COMPLETED)

    def _take(self) -> list[RunEvent]:
        self._news.clear()
        events: list[RunEvent] = [*self._said.values(), *self._results]
        self._said, self._results = {}, []
        return events

    async def _one(self, ready: Ready) -> None:
        call, begun = ready.call, time.monotonic()
        try:
            with tool_span(call.tool, call.tool_call_id):
                output = await self._output(ready, self._token(ready))
        except ToolError as error:
            await self._ended(call, code=error.code, message=error.message[:2000])
            self._add(failed(call, error, _since(begun)))
        else:
            await self._ended(call, output=output)
            self._add(
                ToolOutputAvailable(tool_call_id=call.tool_call_id, output=output, duration_ms=_since(begun))
            )

    def _token(self, ready: Ready) -> UUID:
        """The same for a call that may be started again, whoever starts it."""
        return uuid5(self._run.id, ready.call.tool_call_id) if ready.tool.resumes else new_id()

    async def _ended(self, call: Call, **came: object) -> None:
        await persistently(partial(call_end, run=self._run, call=call, **came))  # type: ignore[arg-type]

    async def _output(self, ready: Ready, token: UUID) -> object:
        call, tool = ready.call, ready.tool
        arguments = arguments_from(ready.arguments, tool.parameters)
        await persistently(partial(call_start, run=self._run, call=call, token=token))
        context = CallContext(
            tool_call_id=call.tool_call_id,
            user_id=self._run.user_id,
            session_id=str(self._run.session_id),
            say=partial(self._say, ready),
        )
        try:
            async with asyncio.timeout(tool.timeout):
                output = await tool.run(arguments, context)
            return capped(output, tool.output_limit)
        except TimeoutError:
            raise ToolTimeout(f"The tool did not answer within {tool.timeout:g} seconds.") from None
        except ToolError:
            raise
        except Exception as error:  # whatever somebody's function raises: its text stays in the log
            logger.exception("tool %s failed", call.tool)
            raise ToolError(f"The tool failed: {type(error).__name__}.") from error

    def _say(self, ready: Ready, event: Said | Source | AgentEvent) -> None:
        self._news.set()
        if isinstance(event, Source | AgentEvent):
            self._results.append(event)
            return
        if isinstance(event, ToolOutputAvailable):
            shown = capped(event.output, ready.tool.output_limit)
            event = ToolOutputAvailable(tool_call_id=ready.call.tool_call_id, output=shown, preliminary=True)
        self._said[type(event), ready.call.tool_call_id] = event

    def _add(self, event: ToolOutputAvailable | ToolOutputError) -> None:
        for kind in (Progress, ToolOutputAvailable):
            self._said.pop((kind, event.tool_call_id), None)
        self._results.append(event)
        self._news.set()


def failed(call: Call, error: ToolError, duration_ms: int | None = None) -> ToolOutputError:
    return ToolOutputError(
        tool_call_id=call.tool_call_id, code=error.code, message=error.message, duration_ms=duration_ms
    )


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


async def _left(tasks: "list[asyncio.Task[None]]") -> None:
    going = [task for task in tasks if not task.done()]
    for task in going:
        task.cancel()
    if going:
        await asyncio.wait(going, timeout=LEAVE_SECONDS)
