"""The content studio's doors, to its supervisor and its concierge: a request in, the work of all who are
asked out as it comes. The exchange is kept.
"""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from chat.agents.catalogue import agent_or_invalid
from chat.braiding import Braid
from chat.db import in_database
from chat.dialects.content_studio import ContentStudio
from chat.dialects.framing import COMMENT
from chat.errors import Invalid
from chat.gateway.edge import OWN, any_caller, body_of, door
from chat.gateway.storing import HEADER, NEW, Place, client_id_of, store
from chat.guard import Caller
from chat.models import Run
from chat.retelling import context_of
from providers.contract import ChatMessage, ChatRequest, Role
from providers.parts import TextPart

SUPERVISOR: Final = "novachat"
CONCIERGE: Final = "loomichat"


class Said(msgspec.Struct):
    role: Role
    content: str


class StudioBody(msgspec.Struct):
    message: str = ""
    query: str = ""
    messages: list[Said] = []
    model: str = ""
    session_id: str | None = None
    options: dict[str, Any] = {}


_decoder: Final = msgspec.json.Decoder(StudioBody)


@door(OWN, "POST", admit=any_caller)
async def novachat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    return await _answered(request, caller, SUPERVISOR)


@door(OWN, "POST", admit=any_caller)
async def loomichat(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    return await _answered(request, caller, CONCIERGE)


async def _answered(request: HttpRequest, caller: Caller, agent: str) -> HttpResponseBase:
    body = body_of(request, _decoder)
    await in_database(agent_or_invalid, agent)
    place = Place(
        session_id="" if body.session_id in (None, NEW) else str(body.session_id),
        client_id=client_id_of(request),
        fields={"metadata": {"agent": agent}},
        agent=agent,
    )
    asked = ChatRequest(model=body.model or agent, messages=_messages(body), options=body.options)
    run = await in_database(store, caller, asked, place)
    response = StreamingHttpResponse(
        _frames(run, caller), content_type=ContentStudio.content_type, headers=dict(ContentStudio.headers)
    )
    response[HEADER] = str(run.session_id)
    return response


def _messages(body: StudioBody) -> tuple[ChatMessage, ...]:
    text = body.message or body.query
    said = [*body.messages, *([Said(role="user", content=text)] if text else [])]
    if not said or said[-1].role != "user" or not said[-1].content.strip():
        raise Invalid("The message is empty.", code="empty_message", field="message")
    return tuple(ChatMessage(role=one.role, parts=(TextPart(text=one.content),)) for one in said)


async def _frames(run: Run, caller: Caller) -> AsyncIterator[bytes]:
    """Each agent's words under its name."""
    dialects: dict[str, ContentStudio] = {}
    async with aclosing(Braid(run, caller).strands()) as strands:
        async for strand in strands:
            key = str(strand.run.id)
            if key not in dialects:
                dialects[key] = _dialect(strand.run)
            frames = dialects[key].encode(strand.event) if strand.event else COMMENT
            if frames:
                yield frames


def _dialect(run: Run) -> ContentStudio:
    part_of = run.parent_id is not None
    return ContentStudio(context_of(run, source=run.agent, part_of=part_of, now=time.time))
