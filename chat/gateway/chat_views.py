"""`POST /v1/chat/completions`."""

import time
import uuid
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase

from chat.db import in_database
from chat.dialects.contract import Context
from chat.dialects.openai_chat import OpenAIChat, completion
from chat.gateway.answering import answered, collected, streamed_answer, whole
from chat.gateway.asking import Question, question
from chat.gateway.chat_request import ChatBody, decoder, request_from
from chat.gateway.edge import OPENAI, decode, door, json_response, raw_body
from chat.gateway.forwarding import Forward, forwarded, may_forward
from chat.gateway.storing import HEADER, Place, place_for, store, streamed_run, told, tools_named
from chat.guard import Caller
from chat.retelling import context_of

DOOR: Final = "openai-chat"
_as_it_came: Final = msgspec.json.Decoder(dict[str, Any])


@door(OPENAI, "POST")
async def chat_completions(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    raw = raw_body(request)
    body = decode(raw, decoder)
    place = await place_for(request, body, (body.metadata or {}).get("session_id"))
    if place:
        return await _stored(caller, body, place)
    asked = await question(caller, request_from(body), DOOR, tools_named(request))
    options = {"include_usage": body.tells_usage}
    context = Context(id=uuid.uuid4().hex, model=body.model, created=int(time.time()), options=options)
    if body.stream:
        return await _streamed(asked, body, raw, OpenAIChat(context))
    answer = await whole(asked)
    return answered(asked, completion(context, answer.parts, answer.reason, answer.usage))


async def _stored(caller: Caller, body: ChatBody, place: Place) -> HttpResponseBase:
    run = await in_database(store, caller, request_from(body), place)
    context = context_of(run, body.model, include_usage=body.tells_usage)
    response: HttpResponseBase
    if body.stream:
        response = await streamed_run(run, caller, OpenAIChat(context))
    else:
        answer = await collected(told(run, caller))
        response = json_response(completion(context, answer.parts, answer.reason, answer.usage))
    response[HEADER] = str(run.session_id)
    return response


async def _streamed(asked: Question, body: ChatBody, raw: bytes, dialect: OpenAIChat) -> HttpResponseBase:
    if not may_forward(asked):
        return await streamed_answer(asked, dialect)
    own = decode(raw, _as_it_came)
    forward = Forward(dialect, DOOR, own, usage=body.tells_usage)
    return await streamed_answer(forwarded(asked, forward), forward)
