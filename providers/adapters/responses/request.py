"""Our request as the body of `POST /responses`. The vendor keeps nothing: the whole conversation is sent."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from providers.adapters.limits import most_tokens
from providers.adapters.responses.seal import unsealed
from providers.adapters.turns import Turn, arguments_of, data_url, inlined, result_text, turns
from providers.contract import ChatRequest, Tool
from providers.parts import (
    FilePart,
    ImagePart,
    MediaPart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    text_of,
)

KNOWN_OPTIONS: Final = (
    "temperature",
    "top_p",
    "top_logprobs",
    "service_tier",
    "user",
    "metadata",
    "prompt_cache_key",
    "safety_identifier",
    "truncation",
    "max_tool_calls",
)
CHOICES: Final = ("auto", "none", "required")


def body(request: ChatRequest, *, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra["body"]` holds further fields, set by the operator: `store` among them."""
    options = request.options
    return {
        "model": request.model,
        "input": [item for turn in turns(request) for item in _items(turn)],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        **({"instructions": request.system} if request.system else {}),
        **_most_tokens(options),
        **_reasoning(options),
        **_text(options),
        **{name: options[name] for name in KNOWN_OPTIONS if options.get(name) is not None},
        **_tools(request),
        **(extra.get("body") or {}),
    }


def _most_tokens(options: Mapping[str, Any]) -> dict[str, Any]:
    most = most_tokens(options)
    return {} if most is None else {"max_output_tokens": most}


def _reasoning(options: Mapping[str, Any]) -> dict[str, Any]:
    """A summary is told only when it is asked for; models that do not reason refuse the question."""
    effort = options.get("reasoning_effort")
    given = options.get("reasoning")
    if isinstance(given, dict):
        return {"reasoning": given}
    return {"reasoning": {"effort": effort, "summary": "auto"}} if effort else {}


def _text(options: Mapping[str, Any]) -> dict[str, Any]:
    """`response_format` of chat completions has its fields one level higher here."""
    told: dict[str, Any] = {}
    if options.get("verbosity"):
        told["verbosity"] = options["verbosity"]
    form = options.get("response_format")
    if isinstance(form, dict):
        told["format"] = {"type": form.get("type"), **(form.get("json_schema") or {})}
    return {"text": told} if told else {}


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    asked: dict[str, Any] = {"tools": [_tool(tool) for tool in request.tools]}
    if request.options.get("parallel_tool_calls") is not None:
        asked["parallel_tool_calls"] = request.options["parallel_tool_calls"]
    choice = request.tool_choice
    if choice:
        asked["tool_choice"] = choice if choice in CHOICES else {"type": "function", "name": choice}
    return asked


def _tool(tool: Tool) -> dict[str, Any]:
    """`strict` is told in any case: here it is on where nothing is said."""
    schema = dict(tool.parameters) or {"type": "object", "properties": {}}
    about = {"description": tool.description} if tool.description else {}
    return {
        "type": "function",
        "name": tool.name,
        **about,
        "parameters": schema,
        "strict": bool(tool.strict),
    }


def _items(turn: Turn) -> Iterable[dict[str, Any]]:
    match turn.role:
        case "tool":
            return [
                {"type": "function_call_output", "call_id": result.id, "output": result_text(result)}
                for result in turn.results
            ]
        case "assistant":
            return _said(turn)
        case "user":
            return [{"role": "user", "content": [_block(part) for part in turn.parts]}]
        case _:
            return [{"role": turn.role, "content": text_of(turn.parts)}]


def _said(turn: Turn) -> Iterator[dict[str, Any]]:
    """In the order in which it was said. Reasoning goes back only with its seal, and only ours."""
    for part in turn.parts:
        match part:
            case ReasoningPart():
                sealed = unsealed(part)
                if sealed:
                    yield sealed
            case ToolCallPart():
                yield {
                    "type": "function_call",
                    "call_id": part.id,
                    "name": part.name,
                    "arguments": arguments_of(part),
                }
            case TextPart():
                yield {"role": "assistant", "content": part.text}
            case _ if isinstance(part, MediaPart):
                yield {"role": "assistant", "content": inlined(part)}


def _block(part: Part) -> dict[str, Any]:
    match part:
        case TextPart():
            return {"type": "input_text", "text": part.text}
        case ImagePart() if data_url(part):
            return {"type": "input_image", "image_url": data_url(part), "detail": part.detail or "auto"}
        case FilePart(media_type="application/pdf") if part.data:
            return {
                "type": "input_file",
                "filename": part.name or "file.pdf",
                "file_data": data_url(part),
            }
        case FilePart(media_type="application/pdf") if part.url:
            return {"type": "input_file", "file_url": part.url}
        case _ if isinstance(part, MediaPart):
            return {"type": "input_text", "text": inlined(part)}
        case _:
            return {"type": "input_text", "text": ""}
