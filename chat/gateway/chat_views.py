"""`POST /v1/chat/completions`."""

import time
import uuid
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase

from chat.dialects.contract import Context
from chat.dialects.openai_chat import OpenAIChat, completion
from chat.gateway.answering import streamed_answer, whole
from chat.gateway.asking import Question, question
from chat.gateway.chat_request import ChatBody, decoder, request_from
from chat.gateway.edge import OPENAI, decode, door, json_response, raw_body
from chat.gateway.forwarding import Forward, forwarded, may_forward
from chat.guard import Caller

DOOR: Final = "openai-chat"
_as_it_came: Final = msgspec.json.Decoder(dict[str, Any])


@door(OPENAI, "POST")
async def chat_completions(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    raw = raw_body(request)
    body = decode(raw, decoder)
    asked = await question(caller, request_from(body), DOOR)
    options = {"include_usage": body.tells_usage}
    context = Context(id=uuid.uuid4().hex, model=body.model, created=int(time.time()), options=options)
    if body.stream:
        return await _streamed(asked, body, raw, OpenAIChat(context))
    answer = await whole(asked)
    return json_response(completion(context, answer.parts, answer.reason, answer.usage))


async def _streamed(asked: Question, body: ChatBody, raw: bytes, dialect: OpenAIChat) -> HttpResponseBase:
    if not may_forward(asked):
        return await streamed_answer(asked, dialect)
    forward = Forward(dialect, DOOR, decode(raw, _as_it_came), usage=body.tells_usage)
    return await streamed_answer(forwarded(asked, forward), forward)
