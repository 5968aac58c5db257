"""Names in the events of one step of an answer: vendors count their parts and calls anew with each request,
and do not know who runs a tool."""

from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from chat.tools.catalogue import Toolbox
from providers.events import (
    AudioDelta,
    Executor,
    PartEvent,
    RunEvent,
    Source,
    ToolInputAvailable,
    ToolInputDelta,
    ToolInputStart,
    ToolOutputAvailable,
    ToolOutputError,
)

LONGEST: Final = 200  # characters of a call's id that are kept

_OfCall = ToolInputDelta | ToolInputAvailable | ToolOutputAvailable | ToolOutputError


def prefixed(event: RunEvent, prefix: str) -> RunEvent:
    """With the prefix before the ids of parts and sources: those of an earlier request have the same."""
    if isinstance(event, PartEvent | AudioDelta):
        return replace(event, part_id=prefix + event.part_id)
    if isinstance(event, Source):
        part_id = prefix + event.part_id if event.part_id else ""
        return replace(event, source_id=prefix + event.source_id, part_id=part_id)
    return event


class StepNames:
    """`prefix` goes before the ids of parts; a call's id stays as it is unless it is `taken`."""

    def __init__(self, prefix: str, taken: Collection[str], toolbox: Toolbox) -> None:
        self._prefix = prefix
        self._taken = set(taken)
        self._toolbox = toolbox
        self._calls: dict[str, str] = {}

    def of(self, event: RunEvent) -> RunEvent:
        if isinstance(event, ToolInputStart):
            return replace(
                event, tool_call_id=self._fresh(event.tool_call_id), executor=self._executor(event)
            )
        if isinstance(event, _OfCall):
            return replace(event, tool_call_id=self._calls.get(event.tool_call_id, event.tool_call_id))
        return prefixed(event, self._prefix) if self._prefix else event

    def _fresh(self, given: str) -> str:
        name, count = given[:LONGEST], 1
        while name in self._taken:
            count += 1
            name = f"{given[: LONGEST - 5]}-{count}"
        self._taken.add(name)
        self._calls[given] = name
        return name

    def _executor(self, event: ToolInputStart) -> Executor:
        if event.executor == "provider":
            return "provider"
        mine = event.tool_name in self._toolbox.server or event.tool_name not in self._toolbox.client_names
        return "server" if mine else "client"
