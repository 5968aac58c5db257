"""The AI SDK's door: `useChat` with its default transport, kept in a session, resumed by replay.

A `messages` array comes with every request; the session has what was said earlier, so only what is new in it
is taken: the user's last message, or the results of tools that the client ran.
"""

import json
import uuid
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from chat.commands import RegenerateMessage
from chat.db import in_database
from chat.dialects.ai_sdk import AISDK
from chat.errors import Invalid, NotFound
from chat.event_views import streamed
from chat.gateway.edge import TEXT, any_caller, body_of, door, json_response
from chat.gateway.media import from_url
from chat.gateway.storing import MOST_KEY, streamed_run
from chat.gateway.threads import Thread, active_run, session_of, stop, store_in
from chat.guard import Caller
from chat.models import ChatSession, Run
from chat.performing import regenerate
from chat.retelling import context_of, retell
from providers.contract import ChatMessage, ChatRequest, Role
from providers.parts import Part, TextPart, ToolResultPart

KIND: Final = "ai_sdk_id"
ROLES: Final[dict[str, Role]] = {"system": "system", "user": "user", "assistant": "assistant"}


class _Part(msgspec.Struct, rename="camel"):
    type: str
    text: str | None = None
    media_type: str | None = None
    url: str | None = None
    filename: str | None = None
    tool_call_id: str | None = None
    state: str | None = None
    output: Any = None
    error_text: str | None = None
    provider_executed: bool | None = None


class _Message(msgspec.Struct):
    role: str
    parts: list[_Part] = []
    id: str = ""


class ChatBody(msgspec.Struct, rename="camel"):
    id: str
    messages: list[_Message]
    trigger: str = "submit-message"
    message_id: str | None = None
    model: str = ""
    agent: str = ""
    system: str = ""


_decoder: Final = msgspec.json.Decoder(ChatBody)


@door(TEXT, "POST", admit=any_caller)
async def chat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    run = await in_database(_run, caller, body_of(request, _decoder))
    return await streamed_run(run, caller, AISDK(context_of(run)))


@door(TEXT, "GET", admit=any_caller)
async def resume(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    """204: nothing is being answered."""
    run = await in_database(lambda: active_run(session_of(Thread(caller, KIND, name))))
    if run is None:
        return HttpResponse(status=204)
    dialect = AISDK(context_of(run))
    return streamed(retell(run, caller, dialect), dialect.content_type, dialect.headers)


@door(TEXT, "POST", admit=any_caller)
async def stop_chat(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    """The SDK's own `stop` only closes its connection; this ends the answer."""
    stopped = await in_database(lambda: stop(caller, session_of(Thread(caller, KIND, name))))
    return json_response({"stopped": stopped})


def _run(caller: Caller, body: ChatBody) -> Run:
    thread = Thread(caller, KIND, body.id)
    if body.trigger == "regenerate-message":
        return _regenerated(caller, session_of(thread), body)
    request = ChatRequest(model=body.model, system=body.system, messages=_messages(body))
    return store_in(thread, request, _client_id(body), body.agent)


def _regenerated(caller: Caller, session: ChatSession | None, body: ChatBody) -> Run:
    if session is None or session.leaf_id is None:
        raise NotFound("There is no answer to write again.", field="id")
    command = RegenerateMessage(
        message_id=str(session.leaf_id), client_id=uuid.uuid4().hex, model=body.model, agent=body.agent
    )
    return regenerate(caller.user, command).runs[0]


def _messages(body: ChatBody) -> tuple[ChatMessage, ...]:
    if not body.messages:
        raise Invalid("There is no message.", field="messages")
    said = [_message(message, f"messages[{i}]") for i, message in enumerate(body.messages)]
    results = _results(body.messages[-1])
    answers = [ChatMessage(role="tool", parts=results)] if results else []
    return tuple(message for message in (*said, *answers) if message.parts)


def _message(message: _Message, field: str) -> ChatMessage:
    role = ROLES.get(message.role)
    if role is None:
        raise Invalid(f"There is no role {message.role!r}.", field=f"{field}.role")
    parts = (_part(part, f"{field}.parts[{i}]") for i, part in enumerate(message.parts))
    return ChatMessage(role=role, parts=tuple(part for part in parts if part))


def _part(part: _Part, field: str) -> Part | None:
    """What the session keeps by itself (steps, sources, tools) is passed over."""
    if part.type == "text" and part.text:
        return TextPart(text=part.text)
    if part.type == "file" and part.url:
        return from_url(part.url, f"{field}.url", part.filename or "", part.media_type or "")
    return None


def _results(message: _Message) -> tuple[ToolResultPart, ...]:
    """What came of the tools that the client ran for the last answer."""
    if message.role != "assistant":
        return ()
    return tuple(
        ToolResultPart(id=part.tool_call_id, output=part.output)
        if part.state == "output-available"
        else ToolResultPart(id=part.tool_call_id, code="tool_error", error=part.error_text or "error")
        for part in message.parts
        if part.tool_call_id and not part.provider_executed and part.state in _ANSWERED
    )


def _client_id(body: ChatBody) -> str:
    """The same message sent again is the same message; edited, it keeps its id."""
    last = body.messages[-1] if body.messages else _Message(role="")
    if not last.id:
        return uuid.uuid4().hex
    said = [part.text for part in last.parts if last.role == "user" and part.text]
    named = [body.id, last.id, *(f"{part.id}" for part in _results(last)), *said]
    return "ai-" + uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(named)).hex[:MOST_KEY]


_ANSWERED: Final = ("output-available", "output-error")
