"""What is to be done about a call that the model made and that has no answer yet. Pure."""

from dataclasses import dataclass, replace

from chat.actions.call_endings import answer_of
from chat.actions.tool_calls import Call, approval_of, refusal_of
from chat.models import ToolCall
from chat.runner.calling import Ready
from chat.tools.contract import ServerTool
from chat.tools.errors import ArgumentsInvalid, OutcomeUnknown, ToolError, ToolNotFound
from chat.tools.validation import arguments_from
from providers.events import RunEvent
from providers.parts import ToolCallPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """First `say`, and then at most one of: it `runs`, it `asks` a person, it `fails`. None of them: it waits
    for a person who was asked."""

    call: Call
    say: tuple[RunEvent, ...] = ()
    runs: Ready | None = None
    asks: bool = False
    fails: ToolError | None = None

    @property
    def waits(self) -> bool:
        return not (self.say or self.runs or self.asks or self.fails)


def judged(
    part: ToolCallPart, row: ToolCall | None, tool: ServerTool | None, barred: ToolError | None
) -> Verdict:
    """`row` is what is known of the call, `tool` what this run offers under its name, `barred` why no call
    may run just now."""
    call = _call(part, tool)
    if row is None:
        return _judged_anew(part, call, tool, barred)
    if row.ended_at:
        return Verdict(call=call, say=(answer_of(row),))
    if row.started_at:
        goes_on = _ready(call, tool, part.arguments) if tool and tool.resumes else None
        return Verdict(call=call, runs=goes_on, fails=None if goes_on else OutcomeUnknown())
    if row.waits:
        return Verdict(call=call)
    told = (approval_of(row),) if part.approval == "requested" else ()
    decided = replace(call, arguments=row.arguments)
    if row.decision != "approve":
        return Verdict(call=decided, say=told, fails=refusal_of(row))
    if problem := barred or _problem(row.valid_arguments, tool):
        return Verdict(call=decided, say=told, fails=problem)
    return Verdict(call=decided, say=told, runs=_ready(decided, tool, row.valid_arguments))


def _judged_anew(
    part: ToolCallPart, call: Call, tool: ServerTool | None, barred: ToolError | None
) -> Verdict:
    unreadable = ArgumentsInvalid(part.error) if part.error else None
    if problem := barred or unreadable or _problem(part.arguments, tool):
        return Verdict(call=call, fails=problem)
    if tool and tool.policy == "ask":
        return Verdict(call=call, asks=True)
    return Verdict(call=call, runs=_ready(call, tool, part.arguments))


def _ready(call: Call, tool: ServerTool | None, arguments: str) -> Ready | None:
    return Ready(call, tool, arguments) if tool else None


def _problem(arguments: str, tool: ServerTool | None) -> ToolError | None:
    if tool is None or tool.policy == "never":
        return ToolNotFound()
    try:
        arguments_from(arguments, tool.parameters)
    except ToolError as error:
        return error
    return None


def _call(part: ToolCallPart, tool: ServerTool | None) -> Call:
    return Call(
        tool_call_id=part.id,
        tool=part.name,
        arguments=part.arguments,
        server=tool.server if tool else "",
        side_effects=tool.side_effects if tool else False,
    )
