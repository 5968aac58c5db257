"""Our request as the body of `POST /v1/messages`."""

from collections.abc import Mapping
from typing import Any, Final

from providers.adapters.anthropic.messages import messages, system
from providers.adapters.limits import most_tokens
from providers.contract import ChatRequest, Tool

DEFAULT_MOST_TOKENS: Final = 8192  # the API demands a limit
SAMPLING_VERSION: Final = "2023-06-01"  # the last API version that takes temperature and its like
SAMPLING_OPTIONS: Final = ("temperature", "top_p", "top_k")
KNOWN_OPTIONS: Final = ("thinking", "metadata", "service_tier", "output_config", "cache_control")
EFFORTS: Final = frozenset({"low", "medium", "high", "xhigh", "max"})
CHOICES: Final = {"auto": "auto", "none": "none", "required": "any"}


def body(request: ChatRequest, *, version: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`version` is the API version that was set for this provider, empty for the SDK's own;
    `extra["body"]` holds fields that only this server knows; `extra["citations"]` false is for servers that
    know no citations."""
    options = request.options
    known = KNOWN_OPTIONS + (SAMPLING_OPTIONS if version == SAMPLING_VERSION else ())
    return {
        "model": request.model,
        "messages": messages(request, cites=_cites(options, extra)),
        "max_tokens": most_tokens(options) or DEFAULT_MOST_TOKENS,
        "stream": True,
        **system(request),
        **_stop(options),
        **_output(options),
        **{name: options[name] for name in known if options.get(name) is not None},
        **_tools(request),
        **(extra.get("body") or {}),
    }


def _cites(options: Mapping[str, Any], extra: Mapping[str, Any]) -> bool:
    """The API refuses citations in an answer that is to have a form."""
    told = {**_output(options).get("output_config", {}), **(options.get("output_config") or {})}
    return extra.get("citations") is not False and "format" not in told


def _stop(options: Mapping[str, Any]) -> dict[str, Any]:
    stop = options.get("stop")
    if not stop:
        return {}
    return {"stop_sequences": [stop] if isinstance(stop, str) else stop}


def _output(options: Mapping[str, Any]) -> dict[str, Any]:
    """What chat completions call `reasoning_effort` and `response_format`."""
    told: dict[str, Any] = {}
    if options.get("reasoning_effort") in EFFORTS:
        told["effort"] = options["reasoning_effort"]
    form = options.get("response_format")
    schema = (form.get("json_schema") or {}).get("schema") if isinstance(form, dict) else None
    if schema:
        told["format"] = {"type": "json_schema", "schema": schema}
    return {"output_config": told} if told else {}


def _tools(request: ChatRequest) -> dict[str, Any]:
    """Parallel calls are forbidden in the choice; a choice must be told for that."""
    if not request.tools:
        return {}
    asked: dict[str, Any] = {"tools": [_tool(tool) for tool in request.tools]}
    single = request.options.get("parallel_tool_calls") is False
    choice = request.tool_choice or ("auto" if single else "")
    if choice:
        asked["tool_choice"] = _choice(choice)
        if single and choice != "none":
            asked["tool_choice"]["disable_parallel_tool_use"] = True
    return asked


def _choice(choice: str) -> dict[str, Any]:
    return {"type": CHOICES[choice]} if choice in CHOICES else {"type": "tool", "name": choice}


def _tool(tool: Tool) -> dict[str, Any]:
    about = {"description": tool.description} if tool.description else {}
    schema = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {"name": tool.name, **about, "input_schema": schema}
