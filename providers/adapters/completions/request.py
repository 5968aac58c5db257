"""Our request as the body of `POST /chat/completions`."""

from collections.abc import Mapping
from typing import Any, Final

from providers.adapters.completions.messages import messages
from providers.adapters.limits import most_tokens
from providers.contract import ChatRequest, Tool
from providers.presets import Quirks

KNOWN_OPTIONS: Final = (
    "temperature",
    "top_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "verbosity",
    "response_format",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "service_tier",
    "user",
    "metadata",
    "store",
    "prompt_cache_key",
    "safety_identifier",
    "prediction",
    "web_search_options",
    "modalities",
)
# What servers by others take beside: the vendor refuses names that it does not know.
OTHER_OPTIONS: Final = (
    "top_k",
    "min_p",
    "repetition_penalty",
    "enable_thinking",
    "thinking",
    "chat_template_kwargs",
    "reasoning",
)
SPOKEN: Final = "pcm16"
CHOICES: Final = ("auto", "none", "required")


def body(request: ChatRequest, *, quirks: Quirks, extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra["body"]` holds fields of this server alone, set by the operator."""
    known = KNOWN_OPTIONS if quirks.vendor else KNOWN_OPTIONS + OTHER_OPTIONS
    return {
        "model": request.model,
        "messages": messages(request, reasoning_field=quirks.reasoning_field, video=not quirks.vendor),
        "stream": True,
        **({"stream_options": {"include_usage": True}} if quirks.stream_options else {}),
        **_most_tokens(request.options, quirks),
        **{name: request.options[name] for name in known if request.options.get(name) is not None},
        **_sound(request.options),
        **_tools(request),
        **_continued(request, quirks),
        **(extra.get("body") or {}),
    }


def _most_tokens(options: Mapping[str, Any], quirks: Quirks) -> dict[str, Any]:
    """The vendor's newer models refuse the old name, servers by others know only that one."""
    most = most_tokens(options)
    return {} if most is None else {quirks.max_tokens: most}


def _sound(options: Mapping[str, Any]) -> dict[str, Any]:
    """A streamed answer is spoken in raw samples only; they become a file here."""
    audio = options.get("audio")
    return {"audio": {**audio, "format": SPOKEN}} if isinstance(audio, dict) else {}


def _tools(request: ChatRequest) -> dict[str, Any]:
    if not request.tools:
        return {}
    asked: dict[str, Any] = {"tools": [_tool(tool) for tool in request.tools]}
    if request.options.get("parallel_tool_calls") is not None:
        asked["parallel_tool_calls"] = request.options["parallel_tool_calls"]
    if request.tool_choice:
        asked["tool_choice"] = _choice(request.tool_choice)
    return asked


def _tool(tool: Tool) -> dict[str, Any]:
    strict = {} if tool.strict is None else {"strict": tool.strict}
    about = {"description": tool.description} if tool.description else {}
    schema = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {"type": "function", "function": {"name": tool.name, **about, "parameters": schema, **strict}}


def _choice(choice: str) -> str | dict[str, Any]:
    return choice if choice in CHOICES else {"type": "function", "function": {"name": choice}}


def _continued(request: ChatRequest, quirks: Quirks) -> dict[str, Any]:
    """What a server wants to be told so that it goes on with an answer that was begun."""
    begun = bool(request.messages) and request.messages[-1].role == "assistant"
    return dict(quirks.prefix_fields) if begun and quirks.accepts_prefix else {}
