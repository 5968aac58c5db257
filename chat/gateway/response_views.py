"""`/v1/responses`: made, read again, followed from any point, cancelled and deleted.

A stored response is a run; its id is the run's. `store: false` answers without keeping anything.
"""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from chat.access import run_for
from chat.actions.sessions import session_delete, session_update
from chat.commands import CancelRun
from chat.db import in_database
from chat.dialects.contract import Context
from chat.dialects.encoding import Encoder
from chat.dialects.openai_responses import OpenAIResponses
from chat.dialects.responses_items import response_json
from chat.errors import Conflict, Invalid, NotFound
from chat.event_views import streamed
from chat.gateway.answering import streamed_answer
from chat.gateway.asking import answer, question
from chat.gateway.edge import OPENAI, body_of, door, json_response
from chat.gateway.failing import failure_of
from chat.gateway.response_request import ResponseBody, decoder, request_from
from chat.gateway.storing import (
    Place,
    client_id_of,
    names_agent,
    store,
    streamed_run,
    told,
    tools_named,
)
from chat.guard import Caller
from chat.models import Run
from chat.performing import cancel as run_cancel
from chat.retelling import context_of, logged_events, retell
from providers.contract import ChatRequest
from providers.events import Error, RunEvent

DOOR: Final = "openai-responses"
PREFIX: Final = "resp_"
ASKED: Final = "response"  # among a run's options: what the response repeats of the request


@door(OPENAI, "POST")
async def responses(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    body = body_of(request, decoder)
    asked = request_from(body)
    if body.is_kept or await in_database(names_agent, body):
        return await _kept(caller, body, asked, _place(request, body))
    context = Context(
        id=uuid.uuid4().hex, model=body.model, created=int(time.time()), options={"asked": body.asked}
    )
    dialect = OpenAIResponses(context)
    put = await question(caller, asked, DOOR, tools_named(request))
    if body.stream:
        return await streamed_answer(put, dialect)
    async with aclosing(answer(put)) as events:
        return json_response(await _whole(events, dialect))


@door(OPENAI, "GET", "DELETE")
async def response(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    run = await in_database(_run, caller, name)
    if request.method == "DELETE":
        await in_database(_delete, run, caller)
        return json_response({"id": name, "object": "response", "deleted": True})
    if request.GET.get("stream") == "true":
        dialect = OpenAIResponses(_context(run, starting_after=_starting_after(request)))
        return streamed(retell(run, caller, dialect), dialect.content_type, dialect.headers)
    return json_response(await _picture(run))


@door(OPENAI, "POST")
async def cancel(request: HttpRequest, caller: Caller, name: str) -> HttpResponseBase:
    run = await in_database(_run, caller, name)
    await in_database(run_cancel, caller.user, CancelRun(run_id=str(run.id)))
    return json_response(await _picture(await in_database(_run, caller, name)))


def _place(request: HttpRequest, body: ResponseBody) -> Place:
    return Place(
        client_id=client_id_of(request),
        tools=tools_named(request),
        fields={"metadata": {"door": DOOR}},
        agent=body.agent,
    )


async def _kept(caller: Caller, body: ResponseBody, asked: ChatRequest, place: Place) -> HttpResponseBase:
    asked = replace(asked, options={**asked.options, ASKED: body.asked})
    run = await in_database(_stored, caller, body, asked, place)
    dialect = OpenAIResponses(_context(run))
    if body.stream:
        return await streamed_run(run, caller, dialect)
    if body.background:
        return json_response(await _picture(run))
    async with aclosing(told(run, caller)) as events:
        return json_response(await _whole(events, dialect))


def _stored(caller: Caller, body: ResponseBody, asked: ChatRequest, place: Place) -> Run:
    if body.previous_response_id is None:
        return store(caller, asked, place)
    before = _run(caller, body.previous_response_id, "previous_response_id")
    if body.instructions is not None and before.session.owner_id == caller.user.pk:
        session_update(session=before.session, system_prompt=body.instructions)
    place = replace(place, session_id=str(before.session_id), parent_id=str(before.message_id))
    return store(caller, asked, place)


def _context(run: Run, **options: Any) -> Context:
    return context_of(run, asked=run.options.get(ASKED, {"store": True}), **options)


def _run(caller: Caller, name: str, field: str = "") -> Run:
    try:
        id_ = UUID(name.removeprefix(PREFIX))
    except ValueError:
        raise NotFound("There is no such response.", field=field) from None
    run: Run = run_for(caller.user, id_)
    return run


def _delete(run: Run, caller: Caller) -> None:
    """With the session that was made for it; where a conversation went on, that is what can be deleted."""
    session = run.session
    if session.owner_id != caller.user.pk:
        raise NotFound
    if session.metadata.get("door") != DOOR or session.runs.count() > 1:
        raise Conflict("This response is part of a conversation. Delete the session instead.")
    session_delete(session=session)


async def _picture(run: Run) -> dict[str, Any]:
    """The response as it is by now."""
    dialect = OpenAIResponses(_context(run))
    encoder = Encoder(dialect)
    encoder.encode_all([event for _, event in await logged_events(run)])
    if encoder.over:
        return dialect.response
    status = "queued" if run.status == Run.Status.QUEUED else "in_progress"
    return response_json(_context(run), status, [item for item in dialect.output if item])


async def _whole(events: AsyncIterator[RunEvent], dialect: OpenAIResponses) -> dict[str, Any]:
    encoder = Encoder(dialect)
    async for event in events:
        encoder.encode(event)
        if isinstance(event, Error):
            raise failure_of(event)
    return dialect.response


def _starting_after(request: HttpRequest) -> int:
    given = request.GET.get("starting_after", "-1")
    if not given.removeprefix("-").isdecimal() or len(given) > 18:
        raise Invalid("This is the number of an event.", field="starting_after")
    return int(given)
