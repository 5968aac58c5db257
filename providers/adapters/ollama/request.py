"""Our request as the body of `POST /api/chat` (Ollama's docs/api.md)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from providers.adapters.limits import most_tokens
from providers.adapters.turns import Turn, inlined, input_of, result_text, turns
from providers.contract import ChatRequest, Tool
from providers.parts import ImagePart, MediaPart, Part, ReasoningPart, TextPart

# ours -> the server's, in `options`
OPTIONS: Final = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "num_ctx": "num_ctx",
}
EFFORTS: Final = ("low", "medium", "high")


def body(request: ChatRequest, *, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` may hold `keep_alive` (how long the model stays loaded), `options` and `body`, set by the
    operator. A choice of tools is not known there; `none` leaves the tools out."""
    tools = request.tools if request.tool_choice != "none" else ()
    return {
        "model": request.model,
        "messages": _system(request) + [m for turn in turns(request) for m in _messages(turn)],
        "stream": True,
        "options": {**(extra.get("options") or {}), **_options(request.options)},
        **({"keep_alive": extra["keep_alive"]} if "keep_alive" in extra else {}),
        **({"tools": [_tool(tool) for tool in tools]} if tools else {}),
        **_think(request.options),
        **_format(request.options),
        **(extra.get("body") or {}),
    }


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: options[ours] for ours, name in OPTIONS.items() if options.get(ours) is not None}
    most = most_tokens(options)
    if most is not None:
        told["num_predict"] = most
    stop = options.get("stop")
    return {**told, "stop": [stop] if isinstance(stop, str) else stop} if stop else told


def _think(options: Mapping[str, Any]) -> dict[str, Any]:
    """Models that cannot think refuse the question, so it is asked only when the caller did."""
    if options.get("think") is not None:
        return {"think": options["think"]}
    effort = options.get("reasoning_effort")
    if effort is None:
        return {}
    return {"think": effort if effort in EFFORTS else effort != "none"}


def _format(options: Mapping[str, Any]) -> dict[str, Any]:
    form = options.get("response_format")
    if not isinstance(form, dict):
        return {}
    if form.get("type") == "json_schema":
        return {"format": (form.get("json_schema") or {}).get("schema") or "json"}
    return {"format": "json"} if form.get("type") == "json_object" else {}


def _tool(tool: Tool) -> dict[str, Any]:
    schema = dict(tool.parameters) or {"type": "object", "properties": {}}
    function = {"name": tool.name, "description": tool.description, "parameters": schema}
    return {"type": "function", "function": function}


def _system(request: ChatRequest) -> list[dict[str, Any]]:
    return [{"role": "system", "content": request.system}] if request.system else []


def _messages(turn: Turn) -> Iterable[dict[str, Any]]:
    if turn.role == "tool":
        return [{"role": "tool", "tool_call_id": r.id, "content": result_text(r)} for r in turn.results]
    said: dict[str, Any] = {"role": turn.role, "content": "".join(map(_words, turn.parts))}
    thoughts = "".join(part.text for part in turn.parts if isinstance(part, ReasoningPart))
    images = [part.data for part in turn.parts if isinstance(part, ImagePart) and part.data]
    if turn.calls:
        said["tool_calls"] = [
            {"id": c.id, "function": {"name": c.name, "arguments": input_of(c)}} for c in turn.calls
        ]
    if thoughts and turn.calls:
        said["thinking"] = thoughts
    return [{**said, **({"images": images} if images else {})}]


def _words(part: Part) -> str:
    """An image goes beside the text, if its bytes are here; the server fetches no address."""
    if isinstance(part, TextPart):
        return part.text
    if isinstance(part, MediaPart) and not (isinstance(part, ImagePart) and part.data):
        return inlined(part)
    return ""
