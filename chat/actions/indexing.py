"""Bringing what search knows up to date: sessions whose stream went on since they were looked at.

Nobody who writes waits for it. It is done before somebody searches, for the sessions of that person, and by
the cleaner for all the others."""

import time
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from chat.access import shown_messages
from chat.fulltext import folded
from chat.models import ChatSession, Message, Run, SearchText

AT_ONCE: Final = 200  # rows in one statement
PATIENCE: Final = 60.0  # seconds for everybody's, then the rest waits for the next time

_STALE: Final = Q(indexed_seq=None) | Q(indexed_seq__lt=F("last_seq"))


def texts_index(sessions: "QuerySet[ChatSession]", seconds: float) -> bool:
    """Of these sessions, those that changed last first. False when the time was not enough for all."""
    until = time.monotonic() + seconds
    for session in sessions.filter(_STALE).order_by("-updated_at").iterator(AT_ONCE):
        if not _index(session, until):
            return False
    return True


def texts_index_all() -> None:
    """What nobody searched for, within a while; and without what a version deleted that knows no search."""
    SearchText.objects.exclude(session_id__in=ChatSession.objects.values("id")).delete()
    texts_index(ChatSession.objects.all(), PATIENCE)


def _index(session: ChatSession, until: float) -> bool:
    """Its number was read first: what comes meanwhile is found the next time."""
    missing = shown_messages(session).exclude(status__in=Run.ACTIVE)
    missing = missing.exclude(id__in=_known(session))
    while messages := list(missing.order_by("-id")[:AT_ONCE]):
        if time.monotonic() > until:
            return False
        SearchText.objects.bulk_create([_text(message) for message in messages], ignore_conflicts=True)
    _index_title(session)
    ChatSession.objects.filter(id=session.id).update(indexed_seq=session.last_seq)
    return True


def _known(session: ChatSession) -> "QuerySet[Any, Any]":
    return SearchText.objects.filter(session=session, message__isnull=False).values("message_id")


def _text(message: Message) -> SearchText:
    return SearchText(
        session_id=message.session_id, message=message, text=folded(message.text), at=message.created_at
    )


def _index_title(session: ChatSession) -> None:
    title = {"text": folded(session.title), "at": session.created_at}
    SearchText.objects.update_or_create(session=session, message=None, defaults=title)
