"""The body of `POST /v1/responses`, and what it asks in our words."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from chat.errors import Invalid
from chat.gateway.chat_request import MAX_TOOLS, ROLES
from chat.gateway.media import from_url
from providers.contract import ChatMessage, ChatRequest, Tool
from providers.parts import Part, Parts, ReasoningPart, TextPart, ToolCallPart, ToolResultPart

ECHOED: Final = (
    *("instructions", "max_output_tokens", "metadata", "parallel_tool_calls", "previous_response_id"),
    *(
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
        "truncation",
        "user",
        "background",
        "text",
        "reasoning",
    ),
)


class _Content(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: str | None = None
    detail: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    filename: str | None = None


class _Summary(msgspec.Struct):
    text: str = ""


class _Item(msgspec.Struct):
    """An input item: the fields of all kinds."""

    type: str = "message"
    role: str | None = None
    content: str | list[_Content] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: str | None = None
    output: str | list[_Content] | None = None
    summary: list[_Summary] | None = None
    encrypted_content: str | None = None


class ResponseBody(msgspec.Struct):
    model: str
    input: str | list[_Item]
    instructions: str | None = None
    previous_response_id: str | None = None
    store: bool | None = None
    stream: bool | None = None
    background: bool | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    reasoning: dict[str, Any] | None = None
    text: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    truncation: str | None = None
    user: str | None = None
    conversation: Any = None
    prompt: Any = None
    agent: str = ""  # ours

    @property
    def is_kept(self) -> bool:
        return self.store is not False

    @property
    def asked(self) -> dict[str, Any]:
        """What the response repeats of the request."""
        told = {name: value for name in ECHOED if (value := getattr(self, name)) is not None}
        return {**told, "store": self.is_kept}


decoder: Final = msgspec.json.Decoder(ResponseBody)


def request_from(body: ResponseBody) -> ChatRequest:
    """Raises Invalid, which names the field."""
    _refuse(body)
    return ChatRequest(
        model=body.model,
        system=body.instructions or "",
        messages=_messages(body.input),
        tools=tuple(_tool(tool, i) for i, tool in enumerate(body.tools or ())),
        tool_choice=_choice(body.tool_choice),
        options=_options(body),
    )


def _refuse(body: ResponseBody) -> None:
    for name in ("conversation", "prompt"):
        if getattr(body, name) is not None:
            raise Invalid("This is not offered here.", field=name)
    if body.background and not body.is_kept:
        raise Invalid("What runs in the background is stored.", field="background")
    if body.previous_response_id and not body.is_kept:
        raise Invalid("What follows a stored response is stored.", field="store")
    if body.max_output_tokens is not None and body.max_output_tokens < 1:
        raise Invalid("This is a number of tokens, 1 or more.", field="max_output_tokens")
    if len(body.tools or ()) > MAX_TOOLS:
        raise Invalid(f"At most {MAX_TOOLS} tools.", field="tools")


def _messages(given: str | list[_Item]) -> tuple[ChatMessage, ...]:
    if isinstance(given, str):
        return (ChatMessage(role="user", parts=(TextPart(text=given),)),)
    if not given:
        raise Invalid("There is no input.", field="input")
    return tuple(_joined(m for i, item in enumerate(given) if (m := _message(item, f"input[{i}]"))))


def _joined(messages: Iterator[ChatMessage]) -> Iterator[ChatMessage]:
    """One answer's items, which come one by one, are one message."""
    last: ChatMessage | None = None
    for message in messages:
        if last and last.role == message.role == "assistant":
            last = ChatMessage(role="assistant", parts=(*last.parts, *message.parts))
            continue
        if last:
            yield last
        last = message
    if last:
        yield last


def _message(item: _Item, field: str) -> ChatMessage | None:
    match item.type:
        case "message":
            role = ROLES.get(item.role or "")
            if role is None or role == "tool":
                raise Invalid(f"There is no role {item.role!r}.", field=f"{field}.role")
            return ChatMessage(role=role, parts=_parts(item.content, f"{field}.content"))
        case "function_call" if item.call_id and item.name:
            call = ToolCallPart(
                id=item.call_id, name=item.name, arguments=item.arguments or "", executor="client"
            )
            return ChatMessage(role="assistant", parts=(call,))
        case "function_call_output" if item.call_id:
            output = _text(_parts(item.output, f"{field}.output"))
            return ChatMessage(role="tool", parts=(ToolResultPart(id=item.call_id, output=output),))
        case "reasoning":
            words = "".join(summary.text for summary in item.summary or ())
            part = ReasoningPart(text=words, signature=item.encrypted_content or "")
            return ChatMessage(role="assistant", parts=(part,))
        case "mcp_call" | "mcp_list_tools":
            return None  # what this server did by itself
        case _:
            raise Invalid(f"This is no item that can be read: {item.type!r}.", field=f"{field}.type")


def _text(parts: Parts) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def _parts(content: str | list[_Content] | None, field: str) -> Parts:
    if isinstance(content, str):
        return (TextPart(text=content),)
    return tuple(_part(part, f"{field}[{index}]") for index, part in enumerate(content or ()))


def _part(part: _Content, field: str) -> Part:
    match part.type:
        case "input_text" | "output_text" | "text" if part.text is not None:
            return TextPart(text=part.text)
        case "refusal" if part.refusal is not None:
            return TextPart(text=part.refusal)
        case "input_image" if part.image_url:
            return from_url(
                part.image_url, f"{field}.image_url", media_type="image/*", detail=part.detail or ""
            )
        case "input_file" if part.file_data or part.file_url:
            return from_url(part.file_data or part.file_url or "", f"{field}.file_data", part.filename or "")
        case _:
            raise Invalid(f"This is no part that can be read: {part.type!r}.", field=f"{field}.type")


def _tool(tool: dict[str, Any], index: int) -> Tool:
    name = tool.get("name")
    if tool.get("type") != "function" or not isinstance(name, str):
        raise Invalid("Only function tools can be used here.", field=f"tools[{index}].type")
    parameters = tool.get("parameters")
    return Tool(
        name=name,
        description=str(tool.get("description") or ""),
        parameters=parameters if isinstance(parameters, dict) else {},
        strict=tool.get("strict"),
    )


def _choice(choice: str | dict[str, Any] | None) -> str:
    if isinstance(choice, dict):
        choice = choice.get("name")
        if not isinstance(choice, str):
            raise Invalid("Name the function.", field="tool_choice.name")
        return choice
    if choice not in (None, "auto", "none", "required"):
        raise Invalid("auto, none, required, or a function's name.", field="tool_choice")
    return choice or ""


def _options(body: ResponseBody) -> dict[str, Any]:
    told = {
        "max_tokens": body.max_output_tokens,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "parallel_tool_calls": body.parallel_tool_calls,
        "reasoning_effort": (body.reasoning or {}).get("effort"),
        "verbosity": (body.text or {}).get("verbosity"),
        "response_format": _format((body.text or {}).get("format")),
    }
    return {name: value for name, value in told.items() if value is not None}


def _format(told: Any) -> dict[str, Any] | None:
    """As chat completions write it."""
    if not isinstance(told, dict) or told.get("type") == "text":
        return None
    if told.get("type") != "json_schema":
        return {"type": told.get("type")}
    schema = {name: told[name] for name in ("name", "schema", "strict", "description") if name in told}
    return {"type": "json_schema", "json_schema": schema}
