"""An exchange that is kept: written to a session as a real run, on the same path as every other message.

The answer goes on when its reader leaves, and can be read again.
"""

import dataclasses
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, get_args

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse

from chat.access import session_to_drive
from chat.actions.attachments import kept_data
from chat.actions.importing import messages_import
from chat.actions.messages import message_send
from chat.actions.sessions import session_create
from chat.agents.catalogue import agent_named
from chat.agents.lanes import is_lanes
from chat.commands import SendMessage
from chat.db import in_database
from chat.dialects.contract import Dialect
from chat.errors import Invalid
from chat.event_views import streamed
from chat.gateway.failing import failure_of
from chat.guard import Caller
from chat.models import ChatSession, Run
from chat.retelling import events_of, retell
from providers.contract import ChatMessage, ChatRequest
from providers.events import Data, Delta, Error, RunEnd, RunEvent, ToolInputStart
from providers.parts import Part

HEADER: Final = "X-Parley-Session"
TOOLS: Final = "X-Parley-Tools"  # names of the server's, with commas between
NEW: Final = "new"
BEGINS: Final = (Delta, Data, ToolInputStart, *get_args(RunEnd))  # something of an answer, or its end
MOST_KEY: Final = 100  # characters of an idempotency key


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an exchange is kept. An empty `session_id` is a new session, with these `fields`; `tools` are
    names of the server's, beside the caller's own. `agent` is who answers, where the model is not the
    agent's name."""

    session_id: str = ""
    parent_id: str | None = None
    client_id: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    agent: str = ""


def place_of(request: HttpRequest, named: Any = None) -> Place | None:
    """Where the caller wants it kept: by header, or `named` in the body's metadata. None: nowhere."""
    session_id = request.headers.get(HEADER) or named
    if not session_id:
        return None
    if not isinstance(session_id, str):
        raise Invalid("The session's id is text.", field="metadata.session_id")
    return Place(
        session_id="" if session_id == NEW else session_id,
        client_id=client_id_of(request),
        tools=tools_named(request),
    )


class Asked(Protocol):
    """A body that names who is to answer."""

    model: str
    agent: str


async def place_for(request: HttpRequest, body: Asked, named: Any = None) -> Place | None:
    """The same; what an agent answers is always kept, for it may call tools and ask others."""
    place = place_of(request, named)
    if place is None and await in_database(names_agent, body):
        who = body.agent or body.model
        place = Place(client_id=client_id_of(request), fields={"metadata": {"agent": who}})
    return place and dataclasses.replace(place, agent=body.agent)


def names_agent(body: Asked) -> bool:
    return bool(body.agent) or agent_named(body.model) is not None


def tools_named(request: HttpRequest) -> tuple[str, ...]:
    """The server's tools that this request may use."""
    names = (name.strip() for name in request.headers.get(TOOLS, "").split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def client_id_of(request: HttpRequest) -> str:
    """The same key again is the same exchange."""
    key: str = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY:
        raise Invalid(f"An idempotency key has {MOST_KEY} characters at most.", field="Idempotency-Key")
    return key or uuid.uuid4().hex


def store(caller: Caller, request: ChatRequest, place: Place) -> Run:
    """Sync. Raises ChatError and ProviderError. Files are read before the transaction: no connection is held
    meanwhile."""
    earlier, asked = _split(request.messages)
    with kept_data(caller.user, _command(request, asked, place)) as command, transaction.atomic():
        session = _session(caller, request, place, earlier)
        sent = message_send(user=caller.user, session=session, command=command)
        if not sent.created and not place.session_id:
            transaction.set_rollback(True)  # sent before: the session made for it is not needed
    return sent.runs[0]


def _session(caller: Caller, request: ChatRequest, place: Place, earlier: list[ChatMessage]) -> ChatSession:
    """What was said earlier goes into a new session; one that exists has it."""
    if place.session_id:
        return session_to_drive(caller.user, place.session_id)
    system = [request.system, *(_words(m) for m in earlier if m.role == "system")]
    session = session_create(
        owner=caller.user,
        model=request.model,
        agent_id=place.agent,
        system_prompt="\n\n".join(filter(None, system)),
        # Programs know what they send, and people's facts are none of theirs.
        **{"memory": False, **place.fields},
    )
    messages_import(session=session, messages=[m for m in earlier if m.role != "system"])
    return session


def _command(request: ChatRequest, asked: tuple[Part, ...], place: Place) -> SendMessage:
    own = tuple(
        {"name": t.name, "description": t.description, "parameters": dict(t.parameters)}
        for t in request.tools
    )
    return SendMessage(
        client_id=place.client_id,
        parent_id=place.parent_id,
        parts=asked,
        model=request.model,
        agent=place.agent,
        options=dict(request.options),
        tools=(*place.tools, *own) or None,
        tool_choice=request.tool_choice,
    )


def _split(messages: tuple[ChatMessage, ...]) -> tuple[list[ChatMessage], tuple[Part, ...]]:
    """What was said earlier, and what is asked now: all that follows the last answer."""
    answers = [i for i, message in enumerate(messages) if message.role == "assistant"]
    first = answers[-1] + 1 if answers else 0
    later = messages[first:]
    system = [message for message in later if message.role == "system"]
    asked = tuple(part for message in later if message.role != "system" for part in message.parts)
    if not asked:
        raise Invalid("The last message is the user's, or a tool's result.", field="messages")
    if not answers:  # several messages in a row are one
        return system, asked
    return [*messages[:first], *system], asked


def _words(message: ChatMessage) -> str:
    return "".join(getattr(part, "text", "") for part in message.parts)


async def told(run: Run, caller: Caller) -> AsyncGenerator[RunEvent, None]:
    """The run's events to its end."""
    async with aclosing(events_of(run, caller)) as events:
        async for item in events:
            if item:
                yield item[1]


async def streamed_run(run: Run, caller: Caller, dialect: Dialect) -> StreamingHttpResponse:
    """Once there is something of the answer. Raises what failed before that."""
    async with aclosing(told(run, caller)) as events:
        async for event in events:
            if isinstance(event, Error):
                raise failure_of(event)
            if isinstance(event, BEGINS) and not is_lanes(event):
                break
    return streamed(retell(run, caller, dialect), dialect.content_type, dialect.headers)
