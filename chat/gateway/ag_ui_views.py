"""The AG-UI door: `POST /api/ag-ui`. A thread is a session; the same run id again reads that run again.

The model is named in `forwardedProps.model`, an agent in `forwardedProps.agent`; the caller's own tools are
those of `tools`.
"""

import uuid
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase

from chat.db import in_database
from chat.dialects.ag_ui import AGUI
from chat.errors import Invalid
from chat.gateway.chat_request import ROLES
from chat.gateway.edge import OWN, any_caller, body_of, door
from chat.gateway.storing import streamed_run
from chat.gateway.threads import Thread, store_in
from chat.guard import Caller
from chat.models import Run
from chat.retelling import context_of
from providers.contract import ChatMessage, ChatRequest, Tool
from providers.parts import Part, TextPart, ToolCallPart, ToolResultPart

KIND: Final = "ag_ui_thread"


class _Function(msgspec.Struct):
    name: str
    arguments: str = ""


class _Call(msgspec.Struct):
    id: str
    function: _Function


class _Message(msgspec.Struct, rename="camel"):
    role: str
    content: Any = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


class _Tool(msgspec.Struct):
    name: str
    description: str = ""
    parameters: Any = None


class RunBody(msgspec.Struct, rename="camel"):
    thread_id: str
    run_id: str
    messages: list[_Message]
    tools: list[_Tool] | None = None
    forwarded_props: Any = None


_decoder: Final = msgspec.json.Decoder(RunBody)


@door(OWN, "POST", admit=any_caller)
async def ag_ui(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, _decoder)
    run = await in_database(_run, caller, body)
    context = context_of(run, thread_id=body.thread_id, run_id=body.run_id)
    return await streamed_run(run, caller, AGUI(context))


def _run(caller: Caller, body: RunBody) -> Run:
    named = uuid.uuid5(uuid.NAMESPACE_URL, f"{body.thread_id}/{body.run_id}").hex
    thread = Thread(caller, KIND, body.thread_id)
    return store_in(thread, _request(body), f"ag-{named}", _prop(body, "agent"))


def _request(body: RunBody) -> ChatRequest:
    tools = tuple(
        Tool(name=tool.name, description=tool.description, parameters=_schema(tool.parameters))
        for tool in body.tools or ()
    )
    messages = (_message(message, f"messages[{i}]") for i, message in enumerate(body.messages))
    told_messages = tuple(message for message in messages if message.parts)
    return ChatRequest(model=_prop(body, "model"), messages=told_messages, tools=tools)


def _prop(body: RunBody, name: str) -> str:
    props = body.forwarded_props if isinstance(body.forwarded_props, dict) else {}
    return str(props.get(name) or "")


def _schema(parameters: Any) -> dict[str, Any]:
    return parameters if isinstance(parameters, dict) else {}


def _message(message: _Message, field: str) -> ChatMessage:
    if message.role in ("reasoning", "activity"):  # what the session keeps by itself
        return ChatMessage(role="assistant", parts=())
    role = ROLES.get(message.role)
    if role is None:
        raise Invalid(f"There is no role {message.role!r}.", field=f"{field}.role")
    words = _words(message.content)
    if role == "tool":
        return ChatMessage(role="tool", parts=(ToolResultPart(id=message.tool_call_id or "", output=words),))
    spoken: list[Part] = [TextPart(text=words)] if words else []
    calls = (
        ToolCallPart(
            id=call.id, name=call.function.name, arguments=call.function.arguments, executor="client"
        )
        for call in message.tool_calls or ()
    )
    return ChatMessage(role=role, parts=(*spoken, *calls))


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
