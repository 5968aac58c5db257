"""The streaming agent's door: one message in, `start`, `content`, `complete` out, with the tools of MCP_URL
or an agent's own. Nothing is kept."""

import time
import uuid
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from chat.db import in_database
from chat.dialects.contract import Context
from chat.dialects.streaming_agent import StreamingAgent, usage_json
from chat.errors import Invalid
from chat.gateway.answering import streamed_answer, whole
from chat.gateway.asking import Question, question
from chat.gateway.edge import OWN, any_caller, body_of, door, json_response
from chat.gateway.storing import names_agent
from chat.gateway.tooling import environment_tools
from chat.guard import Caller
from chat.methods import reads
from chat.rights import default_for
from providers.contract import ChatMessage, ChatRequest
from providers.events import Usage
from providers.parts import TextPart, text_of

DOOR: Final = "streaming-agent"


class AgentBody(msgspec.Struct):
    message: str
    system_prompt: str | None = None
    model: str = ""
    agent: str = ""


_decoder: Final = msgspec.json.Decoder(AgentBody)


@door(OWN, "POST", admit=any_caller)
async def chat_stream(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    asked = await _asked(request, caller)
    context = Context(id=uuid.uuid4().hex, model=asked.request.model, created=int(time.time()))
    return await streamed_answer(asked, StreamingAgent(context))


@door(OWN, "POST", admit=any_caller)
async def chat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    answer = await whole(await _asked(request, caller))
    usage = usage_json(answer.usage or Usage(), answer.cost)
    return json_response({"response": text_of(answer.parts), "usage": usage})


@reads
def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy", "streaming": True})


async def _asked(request: HttpRequest, caller: Caller) -> Question:
    body = body_of(request, _decoder)
    if not body.message.strip():
        raise Invalid("The message is empty.", code="empty_message", field="message")
    model = body.model or ("" if body.agent else await in_database(default_for, caller.user))
    said = ChatMessage(role="user", parts=(TextPart(text=body.message),))
    asked = ChatRequest(model=model, messages=(said,), system=body.system_prompt or "")
    has_agent = await in_database(names_agent, body)
    tools = () if has_agent else await environment_tools(caller.user)
    return await question(caller, asked, DOOR, tools, body.agent)
