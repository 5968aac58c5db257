"""What a caller may say of tools, checked: which ones, and which arguments instead of the model's."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chat.commands import DecideTool
from chat.errors import Invalid
from chat.models import Run
from chat.tools.asking import ASK
from chat.tools.catalogue import all_tools, unlisted_servers
from chat.tools.contract import NAME, ServerTool
from chat.tools.errors import ArgumentsInvalid
from chat.tools.validation import arguments_from

MOST: Final = 128  # tools in one request; vendors take no more


def checked_tools(given: Sequence[str | Mapping[str, Any]]) -> list[Any]:
    """Names, and definitions as `{"name", "description"?, "parameters"?, "strict"?}`; those of OpenAI's shape
    are turned into that. Raises Invalid that names the field."""
    if len(given) > MOST:
        raise Invalid(f"There can be at most {MOST} tools.", field="tools")
    known = {tool.name for tool in all_tools()}
    complete = not unlisted_servers()
    checked = [_name(item, known, complete) if isinstance(item, str) else _definition(item) for item in given]
    names = [item if isinstance(item, str) else item["name"] for item in checked]
    if len(set(names)) < len(names):
        raise Invalid("A tool is there twice.", field="tools")
    return checked


def edited_arguments(run: Run, command: DecideTool) -> str | None:
    """The JSON text of a person's own arguments, or of an answer to a question; None where the model's are
    to be run. Raises Invalid where they do not fit the tool."""
    call = run.tool_calls.filter(tool_call_id=command.tool_call_id).first()
    if command.decision != "approve" or call is None:
        return None
    if call.tool == ASK.name:
        return _fitting({**json.loads(call.arguments), **(command.arguments or {})}, ASK)
    if command.arguments is None or _same(command.arguments, call.arguments):
        return None
    return _fitting(command.arguments, next((tool for tool in all_tools() if tool.name == call.tool), None))


def _fitting(arguments: Mapping[str, Any], tool: ServerTool | None) -> str:
    text = json.dumps(arguments, ensure_ascii=False)
    try:
        arguments_from(text, tool.parameters if tool else {})
    except ArgumentsInvalid as error:
        raise Invalid(error.message, code=error.code, field="arguments") from None
    return text


def _name(name: str, known: set[str], complete: bool) -> str:
    if name not in known and (complete or not re.fullmatch(NAME, name)):
        raise Invalid(f"There is no tool called {name[:80]!r} here.", code="unknown_tool", field="tools")
    return name


def _definition(item: Mapping[str, Any]) -> dict[str, Any]:
    told = item["function"] if item.get("type") == "function" and "function" in item else item
    if not isinstance(told, Mapping) or not re.fullmatch(NAME, str(told.get("name", ""))):
        raise Invalid("A tool's name is 1 to 64 letters, digits, - and _.", field="tools.name")
    if not isinstance(told.get("parameters", {}), Mapping):
        raise Invalid("A tool's parameters are a JSON schema.", field="tools.parameters")
    if not isinstance(told.get("description", ""), str):
        raise Invalid("A tool's description is text.", field="tools.description")
    fields = ("name", "description", "parameters", "strict")
    return {name: told[name] for name in fields if told.get(name) is not None}


def _same(arguments: Mapping[str, Any], text: str) -> bool:
    try:
        return bool(arguments == json.loads(text or "{}"))
    except ValueError:
        return False
