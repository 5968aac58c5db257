"""Titles that a model writes, for chats that nobody named."""

import re
from collections.abc import Mapping
from typing import Any, Final

from chat.events import SessionUpdated
from chat.log import session_append
from chat.memory.prompts import TITLE
from chat.memory.task import Task, asked
from chat.models import ChatSession, Run
from chat.runner.history import branch_to
from chat.wire import session_json
from providers.parts import Parts, text_of

LONGEST: Final = 80  # characters of a title
EXCERPT: Final = 2_000  # characters of each message that are read for it
BEGINNING: Final = 2  # messages
_LABEL: Final = re.compile(r"^(?:title|标题)\s*[:：]\s*", re.IGNORECASE)
_AROUND: Final = " \t#*_\"'`“”‘’«»《》「」.。"


def task(run: Run) -> Task:
    beginning = list(branch_to(run.message.parent_id).values())[:BEGINNING]
    words = "\n\n".join(f"{said.role.upper()}: {text_of(said.parts)[:EXCERPT]}" for said in beginning)
    return Task(request=asked(TITLE, words))


def keep(run: Run, parts: Parts, context: Mapping[str, Any]) -> None:
    """Unless a person gave the chat a name meanwhile."""
    title = title_from(text_of(parts))
    words = ChatSession.objects.filter(id=run.session_id, titled_by=ChatSession.TitledBy.WORDS)
    if title and words.update(title=title, titled_by=ChatSession.TitledBy.MODEL):
        session = ChatSession.objects.select_related("owner").get(id=run.session_id)
        session_append(session.id, SessionUpdated(session=session_json(session)))


def title_from(text: str) -> str:
    """The first line that says something, without what models like to put around it."""
    line = next(filter(None, (line.strip(_AROUND) for line in text.splitlines())), "")
    return _LABEL.sub("", line).strip(_AROUND)[:LONGEST]
