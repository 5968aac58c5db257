"""The body of `POST /v1/messages`, and what it asks in our words. Both API versions' parameters are taken."""

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from chat.errors import Invalid
from chat.gateway.chat_request import MAX_TOOLS, options_of
from chat.gateway.media import from_base64, from_url
from providers.contract import ChatMessage, ChatRequest, Tool
from providers.parts import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart

OPTIONS: Final = ("max_tokens", "temperature", "top_p", "top_k", "thinking", "service_tier")
CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


class _Source(msgspec.Struct):
    type: str
    media_type: str | None = None
    data: str | None = None
    url: str | None = None


class Block(msgspec.Struct):
    """A content block: the fields of all kinds."""

    type: str
    text: str | None = None
    source: _Source | None = None
    title: str | None = None
    id: str | None = None
    name: str | None = None
    input: Any = None
    tool_use_id: str | None = None
    content: "str | list[Block] | None" = None
    is_error: bool | None = None
    thinking: str | None = None
    signature: str | None = None


class _Message(msgspec.Struct):
    role: str
    content: str | list[Block]


class _Tool(msgspec.Struct):
    name: str
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    type: str | None = None
    strict: bool | None = None


class _Choice(msgspec.Struct):
    type: str
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class _Metadata(msgspec.Struct):
    user_id: str | None = None
    session_id: str | None = None


class CountBody(msgspec.Struct):
    model: str
    messages: list[_Message]
    system: str | list[Block] | None = None
    tools: list[_Tool] | None = None
    tool_choice: _Choice | None = None
    thinking: dict[str, Any] | None = None


class MessageBody(msgspec.Struct):
    model: str
    messages: list[_Message]
    max_tokens: int
    system: str | list[Block] | None = None
    stream: bool | None = None
    tools: list[_Tool] | None = None
    tool_choice: _Choice | None = None
    metadata: _Metadata | None = None
    stop_sequences: list[str] | None = None
    agent: str = ""  # ours
    # options: passed on as they are
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    thinking: dict[str, Any] | None = None
    service_tier: str | None = None


decoder: Final = msgspec.json.Decoder(MessageBody)
count_decoder: Final = msgspec.json.Decoder(CountBody)


def request_from(body: MessageBody) -> ChatRequest:
    """Raises Invalid, which names the field."""
    if body.max_tokens < 1:
        raise Invalid("This is a number of tokens, 1 or more.", field="max_tokens")
    options = options_of(body, OPTIONS)
    if body.stop_sequences:
        options["stop"] = body.stop_sequences
    if body.tool_choice and body.tool_choice.disable_parallel_tool_use:
        options["parallel_tool_calls"] = False
    return _request(body, options)


def counted_request(body: CountBody) -> ChatRequest:
    return _request(body, {})


def _request(body: MessageBody | CountBody, options: dict[str, Any]) -> ChatRequest:
    if not body.messages:
        raise Invalid("There is no message.", field="messages")
    if len(body.tools or ()) > MAX_TOOLS:
        raise Invalid(f"At most {MAX_TOOLS} tools.", field="tools")
    return ChatRequest(
        model=body.model,
        messages=tuple(m for i, told in enumerate(body.messages) for m in _messages(told, f"messages[{i}]")),
        system=_system(body.system),
        tools=tuple(_tool(tool, i) for i, tool in enumerate(body.tools or ())),
        tool_choice=_choice(body.tool_choice),
        options=options,
    )


def _system(system: str | list[Block] | None) -> str:
    if not isinstance(system, list):
        return system or ""
    return "\n\n".join(block.text for block in system if block.text)


def _messages(message: _Message, field: str) -> Iterator[ChatMessage]:
    """Tool results come in the user's message there, and in one of their own here."""
    if message.role not in ("user", "assistant", "system"):
        raise Invalid(f"There is no role {message.role!r}.", field=f"{field}.role")
    blocks = (
        [Block(type="text", text=message.content)] if isinstance(message.content, str) else message.content
    )
    parts = [part for i, block in enumerate(blocks) if (part := _part(block, f"{field}.content[{i}]"))]
    results = tuple(part for part in parts if isinstance(part, ToolResultPart))
    if results:
        yield ChatMessage(role="tool", parts=results)
    others = tuple(part for part in parts if not isinstance(part, ToolResultPart))
    if others:
        yield ChatMessage(role=message.role, parts=others)  # type: ignore[arg-type]


def _part(block: Block, field: str) -> Part | None:
    match block.type:
        case "text" if block.text is not None:
            return TextPart(text=block.text)
        case "image" | "document" if block.source:
            return _media(block, block.source, field)
        case "tool_use" if block.id and block.name:
            arguments = json.dumps(block.input or {}, ensure_ascii=False)
            return ToolCallPart(id=block.id, name=block.name, arguments=arguments, executor="client")
        case "tool_result" if block.tool_use_id:
            return _result(block)
        case "thinking":
            return ReasoningPart(text=block.thinking or "", signature=block.signature or "")
        case "redacted_thinking":
            return None
        case _:
            raise Invalid(f"This is no block that can be read: {block.type!r}.", field=f"{field}.type")


def _media(block: Block, source: _Source, field: str) -> Part:
    media_type = source.media_type or ("image/*" if block.type == "image" else "application/pdf")
    name = block.title or ""
    match source.type:
        case "base64" if source.data is not None:
            return from_base64(source.data, media_type, f"{field}.source.data", name)
        case "url" if source.url:
            return from_url(source.url, f"{field}.source.url", name, media_type)
        case "text" if source.data is not None:
            return TextPart(text=source.data)
        case _:
            raise Invalid("A source is base64, url or text.", field=f"{field}.source.type")


def _result(block: Block) -> ToolResultPart:
    content = block.content or ""
    text = content if isinstance(content, str) else "\n".join(b.text for b in content if b.text)
    if block.is_error:
        return ToolResultPart(id=block.tool_use_id or "", code="tool_error", error=text or "error")
    return ToolResultPart(id=block.tool_use_id or "", output=text)


def _tool(tool: _Tool, index: int) -> Tool:
    if tool.type not in (None, "custom") or tool.input_schema is None:
        raise Invalid("Only tools with an input_schema can be used here.", field=f"tools[{index}].type")
    about = tool.description or ""
    return Tool(name=tool.name, description=about, parameters=tool.input_schema, strict=tool.strict)


def _choice(choice: _Choice | None) -> str:
    if choice is None:
        return ""
    if choice.type == "tool" and choice.name:
        return choice.name
    if choice.type not in CHOICES:
        raise Invalid("auto, any, tool or none.", field="tool_choice.type")
    return CHOICES[choice.type]
