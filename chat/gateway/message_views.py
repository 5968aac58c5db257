"""`POST /v1/messages` and `POST /v1/messages/count_tokens`."""

import json
import time
import uuid

from django.http import HttpRequest, HttpResponseBase

from chat.dialects.anthropic import Anthropic, message_json
from chat.dialects.contract import Context
from chat.gateway.answering import streamed_answer, whole
from chat.gateway.asking import question
from chat.gateway.edge import ANTHROPIC, body_of, door, json_response
from chat.gateway.message_request import count_decoder, counted_request, decoder, request_from
from chat.guard import Caller
from providers.estimating import estimated_tokens, estimated_usage
from providers.events import Usage

DOOR = "anthropic"


@door(ANTHROPIC, "POST")
async def messages(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, decoder)
    asked = await question(caller, request_from(body), DOOR)
    context = Context(id=uuid.uuid4().hex, model=body.model, created=int(time.time()))
    if body.stream:
        return await streamed_answer(asked, Anthropic(context))
    answer = await whole(asked)
    return json_response(message_json(context, answer.parts, answer.reason, answer.usage or Usage()))


@door(ANTHROPIC, "POST")
async def count_tokens(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """An estimate: the vendors' tokenizers are not public."""
    asked = await question(caller, counted_request(body_of(request, count_decoder)), DOOR)
    tools = (
        f"{tool.name} {tool.description} {json.dumps(dict(tool.parameters))}" for tool in asked.request.tools
    )
    counted = estimated_usage(asked.request, ()).input_tokens + sum(map(estimated_tokens, tools))
    return json_response({"input_tokens": counted})
