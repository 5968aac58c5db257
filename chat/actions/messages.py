"""Sending, editing and regenerating: each writes the message and its queued run in one transaction.

All three are idempotent on (author, client_id): asked again, they give what is there and write nothing; asked
for something else under it, they raise Conflict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec.structs import replace

from chat import rows
from chat.access import Person
from chat.actions.attachments import attached
from chat.actions.budgets import budget_reserve
from chat.actions.options import checked_options
from chat.actions.sessions import session_create, session_locked
from chat.actions.tool_choice import checked_tools
from chat.agents.catalogue import Wish, agent_named, chosen
from chat.budgets.amounts import shares_json
from chat.budgets.estimates import Estimate, models_of, tokens_before
from chat.budgets.rules import Payer
from chat.commands import Content, EditMessage, Question, RegenerateMessage, SendMessage, checked_content
from chat.dispatch import dispatch
from chat.errors import ChatError, Conflict, Invalid, NotFound
from chat.events import MessageAdded, RunAdded, SessionUpdated
from chat.log import session_write
from chat.models import ChatSession, Message, Run
from chat.models.keys import came_with
from chat.pacing.wishes import checked_pace
from chat.rights import default_for, model_for
from chat.tracing import current_trace
from chat.wire import message_json, run_json, session_json
from providers.errors import ProviderError
from providers.forming import OPTION
from providers.parts import MediaPart, Parts, parts_to_json, text_of

TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send led to. `message` is the user's, or the answer itself for a regeneration."""

    session: ChatSession
    message: Message
    runs: list[Run]
    created: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "session_id": str(self.session.id),
            "message": message_json(self.message),
            "runs": [run_json(run) for run in self.runs],
        }


def message_send(*, user: Person, session: ChatSession | None, command: SendMessage) -> Sent:
    """Add the user's message at the session's leaf, or under `parent_id`, and the runs that answer it."""

    def write(place: ChatSession | None) -> Sent:
        place = place or session_create(owner=user, agent_id=command.agent, **_begun(command))
        parent = _parent(place, command.parent_id)
        _refuse_second_answer(place, parent)
        return _ask(user, place, parent, checked_content(command), command)

    return _once(user, session, command, write)


def message_edit(*, user: Person, message: Message, command: EditMessage) -> Sent:
    """A sibling of the user's message with other content, and the runs that answer it."""
    if message.role != Message.Role.USER:
        raise Invalid("Only what a person wrote can be edited.", field="message_id")

    def write(session: ChatSession) -> Sent:
        return _ask(user, session, message.parent, checked_content(command), command)

    return _once(user, message.session, command, write)


def message_regenerate(*, user: Person, message: Message, command: RegenerateMessage) -> Sent:
    """A sibling of an answer (or, given the user's message, one more answer to it)."""
    question = message if message.role == Message.Role.USER else message.parent

    def write(session: ChatSession) -> Sent:
        again = command if command.model_ref else _as_before(message, command)
        run = _answer(user, session, question, again, client_id=command.client_id, place=message.place)
        stays = message.place is not None and session.leaf_id == message.parent_id
        _announce(session, run.message, runs=[run], leaf=question if stays else None)
        return Sent(session, run.message, [run], created=True)

    return _once(user, message.session, command, write)


def sent_before(user: Person, client_id: str) -> Sent | None:
    """What a send under this `client_id` led to."""
    known = Message.objects.select_related("session__owner", "author", "run")
    message = known.filter(author_id=user.pk, client_id=client_id).first()
    if message is None:
        return None
    runs = Run.objects.filter(parent=None, message__in=[message, *message.children.all()]).order_by("id")
    return Sent(message.session, message, list(runs), created=False)


# --- inside the transaction -------------------------------------------------------------


def _once(user: Person, session: ChatSession | None, command: Content, write: Callable[[Any], Sent]) -> Sent:
    """Write, unless it was written before: the unique key on (author, client_id) decides. What is refused
    may be refused because it was written before. Sends to one session come one after the other."""
    try:
        with transaction.atomic():
            return _dispatched(write(session_locked(session) if session else None))
    except (IntegrityError, ChatError, ProviderError):
        known = sent_before(user, command.client_id)
        if known is None:
            raise
    _refuse_another(known, command)
    return known


def _refuse_another(known: Sent, command: Content) -> None:
    """What was sent under this `client_id` was this, as far as words and models tell: the same file brought
    twice is two files."""
    said, words = known.message, text_of(command.content)
    is_answer = isinstance(command, RegenerateMessage)
    if is_answer != (said.role == Message.Role.ASSISTANT) or not (is_answer or said.text == words):
        raise reused("text")
    named = {name for run in known.runs for name in (run.asked, run.agent, (run.route or {}).get("name"))}
    if not named.issuperset(one.model_ref for one in _asked(command) if one.model_ref):
        raise reused("model")


def _asked(command: Content) -> tuple[Content, ...]:
    return command.asked if isinstance(command, Question) else (command,)


def reused(field: str) -> Conflict:
    return Conflict("Something else was sent under this client_id.", code="client_id_reused", field=field)


def _begun(command: SendMessage) -> dict[str, Any]:
    """What a session is begun with that this message is the first of."""
    return {"model": command.asked[0].model_ref, "memory": command.memory is not False}


def _dispatched(sent: Sent) -> Sent:
    transaction.on_commit(lambda: dispatch([run.id for run in sent.runs]))
    return sent


def _parent(session: ChatSession, parent_id: str | None) -> Message | None:
    if parent_id is None and session.leaf_id is None:
        return None
    try:
        id_ = UUID(parent_id) if parent_id else session.leaf_id
        parent = rows.fetch(Message, id=id_, session=session.id)
    except ValueError:
        parent = None
    if parent is None:
        raise NotFound("There is no such message in this session.", field="parent_id")
    return parent if parent_id else parent.onward


def _refuse_second_answer(session: ChatSession, parent: Message | None) -> None:
    """While the message it would follow is still being written, a send waits: one answer per branch."""
    if parent and parent.status in Run.ACTIVE:
        run = session.runs.get(message=parent)
        raise Conflict(
            "An answer is still being written here.", code="run_active", run_id=str(run.id), retryable=True
        )


def _ask(
    user: Person, session: ChatSession, parent: Message | None, content: Parts, command: Question
) -> Sent:
    content = attached(user, session, content)
    owned: dict[str, Any] = {"author": user, "client_id": command.client_id}
    question = Message(
        session=session, parent=parent, role=Message.Role.USER, parts=parts_to_json(content), **owned
    )
    rows.insert([question])
    runs = [
        _answer(user, session, question, one, place=place if command.targets else None)
        for place, one in enumerate(command.asked)
    ]
    if not session.title:
        session.title, session.titled_by = _title(content), ChatSession.TitledBy.WORDS
    answers = [run.message for run in runs]
    _announce(session, question, *answers, runs=runs, leaf=question if command.targets else None)
    return Sent(session, question, runs, created=True)


def _title(content: Parts) -> str:
    """The first line, or the first file's name."""
    names = [part.name for part in content if isinstance(part, MediaPart)]
    return (text_of(content).strip().split("\n")[0] or next(iter(names), ""))[:TITLE_LENGTH]


def _answer(
    user: Person,
    session: ChatSession,
    question: Message | None,
    command: Content,
    client_id: str | None = None,
    place: int | None = None,
) -> Run:
    """The empty answer and the queued run that will write it."""
    wish = Wish(agent=command.agent, model=command.model_ref, options=command.options, tools=_tools(command))
    choice = chosen(wish, session)
    ref = choice.model or _session_model(session) or default_for(user)
    provider, model = model_for(user, ref, choice.name)
    owned = {"author_id": user.pk, "client_id": client_id} if client_id else {}
    answer = _empty_answer(session, question, provider=provider.id, model=model, place=place, **owned)
    rows.insert([answer])
    name, key = f"{provider.id}/{model}", came_with(user)
    payer = Payer(user_id=user.pk, key_id=key.id if key else None, refs=(ref, choice.name, name))
    before = partial(tokens_before, answer, question)
    estimate = Estimate(read=before, options=choice.options, models=models_of(ref))
    run = Run(
        session=session,
        message=answer,
        user_id=user.pk,
        api_key=payer.key_id,
        reserved=shares_json(budget_reserve(payer=payer, estimate=estimate.amounts)),
        provider=provider.id,
        model=model,
        route=None if ref == name else {"name": ref},
        options=checked_options(choice.options),
        tools=session.tools if choice.tools is None else choice.tools,
        tool_choice=command.tool_choice,
        pace=checked_pace(command.pace) if command.pace else choice.pace,
        accepts_prefix=_goes_on(provider.extra, choice.options),
        agent=choice.name,
        max_steps=choice.max_steps,
        trace=current_trace(),
    )
    rows.insert([run])
    return run


def _empty_answer(session: ChatSession, question: Message | None, **fields: Any) -> Message:
    role, status = Message.Role.ASSISTANT, Message.Status.QUEUED
    return Message(session=session, parent=question, role=role, status=status, **fields)


def _tools(command: Content) -> list[Any] | None:
    return None if command.tools is None else checked_tools(command.tools)


def _session_model(session: ChatSession) -> str:
    """Where an agent was chosen as the session's model, it stands for no model by itself."""
    return "" if agent_named(session.model) else session.model


def _goes_on(extra: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    """What was shown of a structured answer is no beginning of its text."""
    return bool(extra.get("accepts_prefix")) and OPTION not in options


def _announce(session: ChatSession, *messages: Message, runs: list[Run], leaf: Message | None = None) -> None:
    """The session then stands at `leaf`, else at the last message. At a question whose answers stand side by
    side it stands until one of them is kept."""
    session.leaf = leaf or messages[-1]
    session.updated_at, session.archived_at = timezone.now(), None
    session_write(
        session,
        ("leaf", "title", "titled_by", "updated_at", "archived_at"),
        *(MessageAdded(message=message_json(message)) for message in messages),
        *(RunAdded(run=run_json(run)) for run in runs),
        SessionUpdated(session=session_json(session)),
    )


def _as_before(message: Message, command: RegenerateMessage) -> RegenerateMessage:
    """By who wrote this answer, as far as that agent is still there; side by side, with its options too."""
    run: Run | None = getattr(message, "run", None)
    agent = run.agent if run and agent_named(run.agent) else ""
    options = run.options if run and message.place is not None else {}
    return replace(
        command,
        provider=message.provider,
        model=message.model if message.provider else "",
        agent=command.agent or agent,
        options={**options, **command.options},
    )
