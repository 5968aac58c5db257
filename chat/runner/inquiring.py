"""A workflow's question to the person: a call that nobody but the person can answer.

It is asked, kept and answered like a call that needs approval: the run lets go until the decision. An
approval brings the answer as its arguments, a rejection leaves it out.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from chat.actions.call_endings import open_calls
from chat.actions.tool_calls import Call, approval_of, call_end, calls_of, calls_request, refusal_of
from chat.agents.stages import Output
from chat.models import Run, ToolCall
from chat.runner.writer import persistently
from chat.tools.asking import ASK, QUESTION
from chat.tools.errors import ToolRejected
from providers.events import (
    RunEvent,
    ToolApprovalRequest,
    ToolInputAvailable,
    ToolInputDelta,
    ToolInputStart,
    ToolOutputAvailable,
    ToolOutputError,
)
from providers.parts import Parts, ToolCallPart

UNANSWERED: Final = "The person did not answer."


class Inquiry:
    """One question. `shown` is what the message holds already; `wait` lets the run go until somebody decides,
    unless somebody just has."""

    def __init__(self, run: Run, key: str, question: str, shown: Parts) -> None:
        self.output = Output(agent="", label="")
        arguments = json.dumps({"question": question}, ensure_ascii=False)
        self._run = run
        self._call = Call(tool_call_id=QUESTION + key, tool=ASK.name, arguments=arguments, side_effects=False)
        self._shown = next((p for p in shown if isinstance(p, ToolCallPart) and p.id == QUESTION + key), None)
        self._is_open = self._shown is None or self._shown in open_calls(shown)

    async def events(self, wait: Callable[[], Awaitable[None]]) -> AsyncIterator[RunEvent]:
        """Last what came of it. Raises NeedsDecision and LeaseLost."""
        row = await self._row()
        if row is None:
            await persistently(lambda: calls_request(run=self._run, calls=[self._call]))
        for event in self._question():
            yield event
        while (row := await self._row()) is None or row.waits:
            await wait()
        if self._is_open:
            if self._shown is None or self._shown.approval == "requested":
                yield approval_of(row)
            yield await self._ending(row)
        self.output = self._given(row)

    async def _row(self) -> ToolCall | None:
        return (await persistently(calls_of, self._run.id)).get(self._call.tool_call_id)

    def _question(self) -> list[RunEvent]:
        """What of it is not shown yet."""
        if self._shown and self._shown.approval:
            return []
        id_, text = self._call.tool_call_id, self._call.arguments
        return [
            ToolInputStart(tool_call_id=id_, tool_name=ASK.name),
            ToolInputDelta(tool_call_id=id_, delta=text),
            ToolInputAvailable(tool_call_id=id_, input=json.loads(text)),
            ToolApprovalRequest(tool_call_id=id_, tool_name=ASK.name, arguments=text),
        ]

    async def _ending(self, row: ToolCall) -> RunEvent:
        given, call = self._given(row), self._call
        if given.missing:
            refusal = ToolRejected(given.missing, code=refusal_of(row).code)
            await persistently(
                lambda: call_end(run=self._run, call=call, code=refusal.code, message=refusal.message)
            )
            return ToolOutputError(tool_call_id=call.tool_call_id, code=refusal.code, message=refusal.message)
        await persistently(lambda: call_end(run=self._run, call=call, output=given.text))
        return ToolOutputAvailable(tool_call_id=call.tool_call_id, output=given.text)

    def _given(self, row: ToolCall) -> Output:
        if row.decision != "approve":
            return Output(agent="", label="", missing=UNANSWERED)
        return Output(agent="", label="", text=str(json.loads(row.valid_arguments).get("answer", "")))
