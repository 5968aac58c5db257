"""The body of `POST /v1/chat/completions`, and what it asks in our words.

Parameters are those of the vendor's reference. What only an operator may decide (`api_base`, `headers`,
`extra_body` and the like) has no field here, so it never goes anywhere.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from chat.errors import Invalid
from chat.gateway.media import AUDIO_TYPES, from_base64, from_url
from providers.contract import ChatMessage, ChatRequest, Role, Tool
from providers.parts import Part, Parts, ReasoningPart, TextPart, ToolCallPart, ToolResultPart

MAX_TOOLS: Final = 128
OPTIONS: Final = (
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "reasoning_effort",
    "verbosity",
    "response_format",
    "parallel_tool_calls",
    "service_tier",
    "prediction",
    "modalities",
    "audio",
)
MODALITIES: Final = frozenset({"text", "audio"})
ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


class _Url(msgspec.Struct):
    url: str
    detail: str | None = None


class _Audio(msgspec.Struct):
    data: str
    format: str = "wav"


class _File(msgspec.Struct):
    file_data: str | None = None
    filename: str | None = None
    file_id: str | None = None


class ContentPart(msgspec.Struct):
    type: str
    text: str | None = None
    refusal: str | None = None
    image_url: _Url | str | None = None
    input_audio: _Audio | None = None
    file: _File | None = None


class _Function(msgspec.Struct):
    name: str
    arguments: str = ""


class _Call(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct):
    role: str
    content: str | list[ContentPart] | None = None
    name: str | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None


class FunctionTool(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None

    def as_tool(self) -> Tool:
        about = self.description or ""
        return Tool(name=self.name, description=about, parameters=self.parameters or {}, strict=self.strict)


class _Tool(msgspec.Struct):
    type: str = "function"
    function: FunctionTool | None = None


class _NamedTool(msgspec.Struct):
    type: str = "function"
    function: FunctionTool | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatBody(msgspec.Struct):
    model: str
    messages: list[_Message]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | _NamedTool | None = None
    functions: list[Any] | None = None
    metadata: dict[str, Any] | None = None
    agent: str = ""  # ours
    # options: passed on as they are
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    response_format: dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    service_tier: str | None = None
    prediction: dict[str, Any] | None = None
    modalities: list[str] | None = None
    audio: dict[str, Any] | None = None

    @property
    def tells_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)


decoder: Final = msgspec.json.Decoder(ChatBody)


def request_from(body: ChatBody) -> ChatRequest:
    """Raises Invalid, which names the field."""
    _refuse(body)
    return ChatRequest(
        model=body.model,
        messages=tuple(_message(message, f"messages[{i}]") for i, message in enumerate(body.messages)),
        tools=tuple(_tool(tool, i) for i, tool in enumerate(body.tools or ())),
        tool_choice=_choice(body.tool_choice),
        options=options_of(body, OPTIONS),
    )


def options_of(body: msgspec.Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(body, name)) is not None}


def _refuse(body: ChatBody) -> None:
    """What cannot be done is refused; it would be missed if it were passed over."""
    if not body.messages:
        raise Invalid("There is no message.", field="messages")
    _refuse_unoffered(body)
    for name in ("max_completion_tokens", "max_tokens"):
        limit = getattr(body, name)
        if limit is not None and limit < 1:
            raise Invalid("This is a number of tokens, 1 or more.", field=name)


def _refuse_unoffered(body: ChatBody) -> None:
    if body.functions:
        raise Invalid("Functions are given as tools.", field="functions")
    if body.n not in (None, 1):
        raise Invalid("One answer per request: n is 1 here.", field="n")
    if body.logprobs or body.top_logprobs:
        raise Invalid("Log probabilities are not offered here.", field="logprobs")
    if not set(body.modalities or ()) <= MODALITIES:
        raise Invalid("Answers are text and audio here.", field="modalities")
    spoken = "pcm16" if body.stream else "wav"
    if body.audio and body.audio.get("format", spoken) != spoken:
        raise Invalid(
            f"A {'streamed' if body.stream else 'whole'} answer is spoken as {spoken}.", field="audio"
        )
    if len(body.tools or ()) > MAX_TOOLS:
        raise Invalid(f"At most {MAX_TOOLS} tools.", field="tools")


def _message(message: _Message, field: str) -> ChatMessage:
    role = ROLES.get(message.role)
    if role is None:
        raise Invalid(f"There is no role {message.role!r}.", field=f"{field}.role")
    if role == "tool":
        return ChatMessage(role="tool", parts=(_result(message, field),))
    calls = [_call(call) for call in message.tool_calls or ()]
    thoughts = [ReasoningPart(text=message.reasoning_content)] if message.reasoning_content else []
    parts = (*thoughts, *content_parts(message.content, f"{field}.content"), *calls)
    return ChatMessage(role=role, parts=parts, name=message.name or "")


def _result(message: _Message, field: str) -> ToolResultPart:
    call_id = message.tool_call_id or message.name
    if not call_id:
        raise Invalid("A tool's message says which call it answers.", field=f"{field}.tool_call_id")
    content = content_parts(message.content, f"{field}.content")
    return ToolResultPart(
        id=call_id, output="".join(part.text for part in content if isinstance(part, TextPart))
    )


def _call(call: _Call) -> ToolCallPart:
    arguments = call.function.arguments
    return ToolCallPart(id=call.id, name=call.function.name, arguments=arguments, executor="client")


def content_parts(content: str | list[ContentPart] | None, field: str) -> Parts:
    if content is None:
        return ()
    if isinstance(content, str):
        return (TextPart(text=content),)
    return tuple(_parts(content, field))


def _parts(content: list[ContentPart], field: str) -> Iterator[Part]:
    for index, part in enumerate(content):
        place = f"{field}[{index}]"
        match part.type:
            case "text" | "input_text" | "output_text" if part.text is not None:
                yield TextPart(text=part.text)
            case "refusal" if part.refusal is not None:
                yield TextPart(text=part.refusal)
            case "image_url" | "input_image" if part.image_url:
                yield _image(part.image_url, place)
            case "input_audio" if part.input_audio:
                yield _audio(part.input_audio, place)
            case "file" if part.file:
                yield _file(part.file, place)
            case _:
                raise Invalid(f"This is no part that can be read: {part.type!r}.", field=f"{place}.type")


def _image(image: _Url | str, field: str) -> Part:
    told = _Url(image) if isinstance(image, str) else image
    place = f"{field}.image_url"
    return from_url(told.url, place, media_type="image/*", detail=told.detail or "")


def _audio(audio: _Audio, field: str) -> Part:
    media_type = AUDIO_TYPES.get(audio.format)
    if media_type is None:
        raise Invalid("Audio is wav or mp3.", field=f"{field}.input_audio.format")
    return from_base64(audio.data, media_type, f"{field}.input_audio.data")


def _file(file: _File, field: str) -> Part:
    if not file.file_data:
        raise Invalid("Send the file itself as file_data.", field=f"{field}.file.file_data")
    return from_url(file.file_data, f"{field}.file.file_data", name=file.filename or "")


def _tool(tool: _Tool, index: int) -> Tool:
    if tool.type != "function" or tool.function is None:
        raise Invalid("Only function tools can be used here.", field=f"tools[{index}].type")
    return tool.function.as_tool()


def _choice(choice: str | _NamedTool | None) -> str:
    if isinstance(choice, _NamedTool):
        if choice.function is None:
            raise Invalid("Name the function.", field="tool_choice")
        return choice.function.name
    if choice not in (None, "auto", "none", "required"):
        raise Invalid("auto, none, required, or a function's name.", field="tool_choice")
    return choice or ""
