"""How the demo calls tools: its `tools` and `chat` models those that the message names, with the message as
their text argument; then it tells what they gave back.
"""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from providers.adapters.demo.options import Step
from providers.adapters.demo.texts import tokens_of
from providers.adapters.turns import Turn, result_text, turns
from providers.contract import ChatRequest, Tool

SHOWN: Final = 2_000  # characters of a result that are repeated
CALLING: Final = "Let me ask {names}.\n\n"
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_EMPTY: Final[dict[str, Any]] = {"boolean": True, "array": [], "object": {}}


def steps_with_tools(request: ChatRequest, message: str) -> list[Step]:
    """Calls or, after them, what came of them; nothing where the message names no tool and none must be
    called."""
    results = list(_outcomes(request))
    if results:
        return [Step(text=told) for told in results]
    called = _chosen(request, message)
    if not called:
        return []
    names = " and ".join(f"`{tool.name}`" for tool in called)
    calls = [Step(tool=tool.name, arguments=_arguments(tool, message)) for tool in called]
    return [Step(text=CALLING.format(names=names)), *calls]


def call_steps(step: Step) -> Iterator[Step]:
    """A call in the pieces in which it comes."""
    given = step.arguments
    yield Step(tool=step.tool)
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    yield from (Step(arguments=token) for token in tokens_of(text))


def rounds_of_calls(request: ChatRequest) -> int:
    """How often tools were called and answered since the user spoke last."""
    return sum(turn.role == "tool" for turn in _since_asked(request))


def after_calls(script: list[Step], rounds: int) -> list[Step]:
    """The part of a script after so many rounds of calls, up to the end of the next."""
    parts: list[list[Step]] = [[]]
    for is_call, steps in groupby(script, key=lambda step: step.tool is not None):
        parts[-1].extend(steps)
        if is_call:
            parts.append([])
    return parts[min(rounds, len(parts) - 1)]


def _since_asked(request: ChatRequest) -> list[Turn]:
    said = turns(request)
    last = max((i for i, turn in enumerate(said) if turn.role == "user"), default=-1)
    return said[last + 1 :]


def _outcomes(request: ChatRequest) -> Iterator[str]:
    said = _since_asked(request)
    names = {call.id: call.name for turn in said for call in turn.calls}
    for result in (result for turn in said for result in turn.results):
        came = "failed" if result.error or result.code else "gave back"
        yield f"The tool `{names[result.id]}` {came}:\n\n{result_text(result)[:SHOWN]}\n\n"


def _chosen(request: ChatRequest, message: str) -> list[Tool]:
    if request.tool_choice == "none":
        return []
    named = [tool for tool in request.tools if _is_named(tool.name, message)]
    if request.tool_choice in ("", "auto"):
        return named
    if request.tool_choice == "required":
        return named or list(request.tools[:1])
    return [tool for tool in request.tools if tool.name == request.tool_choice]


def _is_named(name: str, message: str) -> bool:
    """As a word of its own: `get-sum` does not name `get`."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", message, re.IGNORECASE) is not None


def _arguments(tool: Tool, message: str) -> dict[str, Any]:
    """A JSON object in the message as it stands; otherwise the message for every text that must be there (for
    `text`, or the first text, in any case) and its numbers for those that are numbers."""
    given = _object_in(message)
    if given is not None:
        return given
    properties = {
        name: s for name, s in (tool.parameters.get("properties") or {}).items() if isinstance(s, dict)
    }
    texts = [name for name, schema in properties.items() if schema.get("type") == "string"]
    main = "text" if "text" in texts or not properties else next(iter(texts), None)
    wanted = dict.fromkeys(filter(None, [main, *(tool.parameters.get("required") or ())]))
    numbers = iter(_NUMBER.findall(message))
    return {name: _sample(properties.get(name, {}), message, numbers) for name in wanted}


def _object_in(message: str) -> dict[str, Any] | None:
    found = re.search(r"\{.*\}", message, re.DOTALL)
    try:
        value = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _sample(schema: dict[str, Any], message: str, numbers: Iterator[str]) -> Any:
    if choices := schema.get("enum"):
        return choices[0]
    kind = schema.get("type")
    if kind in ("integer", "number"):
        number = float(next(numbers, "1"))
        return int(number) if kind == "integer" else number
    return _EMPTY.get(kind, message) if isinstance(kind, str) else message
