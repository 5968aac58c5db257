"""`POST /v1/chat/completions`."""

import time
import uuid

from django.http import HttpRequest, HttpResponseBase

from chat.dialects.contract import Context
from chat.dialects.openai_chat import OpenAIChat, completion
from chat.gateway.answering import streamed_answer, whole
from chat.gateway.asking import question
from chat.gateway.chat_request import decoder, request_from
from chat.gateway.edge import OPENAI, body_of, door, json_response
from chat.guard import Caller

DOOR = "openai-chat"


@door(OPENAI, "POST")
async def chat_completions(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, decoder)
    asked = await question(caller, request_from(body), DOOR)
    options = {"include_usage": body.tells_usage}
    context = Context(id=uuid.uuid4().hex, model=body.model, created=int(time.time()), options=options)
    if body.stream:
        return await streamed_answer(asked, OpenAIChat(context))
    answer = await whole(asked)
    return json_response(completion(context, answer.parts, answer.reason, answer.usage))
