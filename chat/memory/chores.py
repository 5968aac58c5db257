"""What is made in the background after an answer: titles, summaries, facts. Each is a run of its own kind.

It is queued in the transaction that ends the answer and kept in the one that ends itself, so it survives
whatever dies, happens once, and nobody waits for it. Its run is a child of the answer's: not among the
session's messages, and with a cost that is seen.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from chat import rows
from chat.actions.budgets import shares_of_part
from chat.budgets.amounts import shares_json
from chat.budgets.rules import Payer
from chat.dispatch import dispatch
from chat.events import RunAdded
from chat.log import session_append
from chat.memory import facts, summaries, titles
from chat.memory.options import may_remember, memory_settings
from chat.memory.task import Task
from chat.models import ChatSession, Message, Run
from chat.wire import run_json
from providers.catalogue import resolve
from providers.errors import ProviderError
from providers.parts import Parts

logger = logging.getLogger(__name__)

TRIES: Final = 3  # of one kind in a row that may fail in a session
REST: Final = timedelta(hours=1)  # until it is tried again after that

_KEEP: Final[Mapping[str, Callable[[Run, Parts, Mapping[str, Any]], None]]] = {
    Run.Kind.TITLE: titles.keep,
    Run.Kind.SUMMARY: summaries.keep,
    Run.Kind.MEMORY: facts.keep,
}


def task_of(run: Run, context_length: int) -> Task:
    """What this run in the background asks. Raises ProviderError where it has nothing to do any more."""
    match run.kind:
        case Run.Kind.TITLE:
            return titles.task(run)
        case Run.Kind.SUMMARY:
            return summaries.task(run, context_length)
        case _:
            return facts.task(run)


def chore_keep(run: Run, parts: Parts) -> None:
    """What a completed one made, in the transaction that ends it."""
    _KEEP[run.kind](run, parts, run.context or {})


def chores_queue(run: Run, summarize_to: str = "") -> None:
    """What this answer calls for, in the transaction that ends it. `summarize_to` is the message up to which
    a summary is due."""
    is_answer = not run.kind and run.parent_id is None and run.status == Run.Status.COMPLETED
    is_answer = is_answer and not run.message.place  # of those side by side the first one is enough
    if not is_answer or not memory_settings().model or run.session.temporary:
        return
    wanted = list(_wanted(run, summarize_to))
    chores = [chore for kind, context in wanted if (chore := _chore(run, kind, context))]
    if not chores:
        return
    rows.insert([chore.message for chore in chores])
    rows.insert(chores)
    session_append(run.session_id, *(RunAdded(run=run_json(chore)) for chore in chores))
    transaction.on_commit(lambda: dispatch([chore.id for chore in chores]))


def _wanted(run: Run, summarize_to: str) -> Iterator[tuple[Run.Kind, dict[str, Any] | None]]:
    said = memory_settings()
    if said.titles and run.session.titled_by == ChatSession.TitledBy.WORDS and _is_open(run, Run.Kind.TITLE):
        yield Run.Kind.TITLE, None
    if said.summaries and summarize_to and _is_open(run, Run.Kind.SUMMARY):
        yield Run.Kind.SUMMARY, {summaries.UPTO: summarize_to}
    if run.user_id and may_remember(run.user_id, run.session) and facts.says_something(run.message):
        yield Run.Kind.MEMORY, None


def _is_open(run: Run, kind: Run.Kind) -> bool:
    """Not while one is being made, nor where the last ones failed: not every answer need pay for it again."""
    lately = run.session.runs.filter(kind=kind, created_at__gt=timezone.now() - REST).order_by("-id")
    last = list(lately.values_list("status", flat=True)[:TRIES])
    return last != [Run.Status.FAILED] * TRIES and not set(last) & set(Run.ACTIVE)


def _chore(run: Run, kind: Run.Kind, context: dict[str, Any] | None) -> Run | None:
    """None where the background model cannot be asked: answers are given all the same."""
    ref = memory_settings().model
    try:
        provider, model = resolve(ref)
    except ProviderError as error:
        logger.warning("memory: nothing is made in the background: %s", error.message)
        return None
    asked = f"{provider.id}/{model}"
    payer = Payer(user_id=run.user_id, key_id=run.api_key, refs=(ref, asked))
    return Run(
        session_id=run.session_id,
        message=_empty(run, provider.id, model),
        user_id=run.user_id,
        api_key=run.api_key,
        reserved=shares_json(shares_of_part(payer)),
        provider=provider.id,
        model=model,
        route=None if ref == asked else {"name": ref},
        tools=[],
        kind=kind,
        parent=run,
        stage=kind,
        context=context,
    )


def _empty(run: Run, provider: str, model: str) -> Message:
    return Message(
        session_id=run.session_id,
        parent_id=run.message_id,
        role=Message.Role.ASSISTANT,
        status=Message.Status.QUEUED,
        provider=provider,
        model=model,
    )
