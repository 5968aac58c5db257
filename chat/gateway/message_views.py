"""`POST /v1/messages` and `POST /v1/messages/count_tokens`."""

import json
import time
import uuid
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase

from chat.db import in_database
from chat.dialects.anthropic import Anthropic, message_json
from chat.dialects.contract import Context
from chat.gateway.answering import answered, collected, streamed_answer, whole
from chat.gateway.asking import Question, question
from chat.gateway.edge import ANTHROPIC, body_of, decode, door, json_response, raw_body
from chat.gateway.forwarding import Forward, forwarded, may_forward
from chat.gateway.message_request import (
    MessageBody,
    count_decoder,
    counted_request,
    decoder,
    request_from,
)
from chat.gateway.storing import HEADER, Place, place_for, store, streamed_run, told, tools_named
from chat.guard import Caller
from chat.retelling import context_of
from providers.estimating import estimated_tokens, estimated_usage
from providers.events import Usage

DOOR: Final = "anthropic"
_as_it_came: Final = msgspec.json.Decoder(dict[str, Any])


@door(ANTHROPIC, "POST")
async def messages(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    raw = raw_body(request)
    body = decode(raw, decoder)
    place = await place_for(request, body, body.metadata and body.metadata.session_id)
    if place:
        return await _stored(caller, body, place)
    asked = await question(caller, request_from(body), DOOR, tools_named(request))
    context = Context(id=uuid.uuid4().hex, model=body.model, created=int(time.time()))
    if body.stream:
        return await _streamed(asked, raw, Anthropic(context))
    answer = await whole(asked)
    return answered(asked, message_json(context, answer.parts, answer.reason, answer.usage or Usage()))


async def _stored(caller: Caller, body: MessageBody, place: Place) -> HttpResponseBase:
    run = await in_database(store, caller, request_from(body), place)
    context = context_of(run, body.model)
    response: HttpResponseBase
    if body.stream:
        response = await streamed_run(run, caller, Anthropic(context))
    else:
        answer = await collected(told(run, caller))
        response = json_response(message_json(context, answer.parts, answer.reason, answer.usage or Usage()))
    response[HEADER] = str(run.session_id)
    return response


async def _streamed(asked: Question, raw: bytes, dialect: Anthropic) -> HttpResponseBase:
    if not may_forward(asked):
        return await streamed_answer(asked, dialect)
    own = decode(raw, _as_it_came)
    forward = Forward(dialect, DOOR, own, usage=True)
    return await streamed_answer(forwarded(asked, forward), forward)


@door(ANTHROPIC, "POST")
async def count_tokens(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """An estimate: the vendors' tokenizers are not public."""
    asked = await question(caller, counted_request(body_of(request, count_decoder)), DOOR)
    tools = (
        f"{tool.name} {tool.description} {json.dumps(dict(tool.parameters))}" for tool in asked.request.tools
    )
    counted = estimated_usage(asked.request, ()).input_tokens + sum(map(estimated_tokens, tools))
    return json_response({"input_tokens": counted})
