"""Search: what somebody may read and what holds all the words that are looked for, newest first."""

from typing import Any, Final

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from chat.access import Person, listed_sessions
from chat.actions.indexing import texts_index
from chat.errors import Invalid
from chat.fulltext import holding, snippet, terms_of
from chat.models import Message, SearchText
from chat.wire import person_json

PATIENCE: Final = 2.0  # seconds in which what is new is taken in before an answer
GRAM: Final = 3  # characters of the shortest term that the index knows


def found(user: Person, query: str) -> "QuerySet[SearchText]":
    """Raises Invalid where nothing is looked for."""
    terms = terms_of(query)
    if not terms:
        raise Invalid("Say what to look for.", code="empty_query", field="q")
    sessions = listed_sessions(user)
    texts_index(sessions, PATIENCE)
    rows = SearchText.objects.filter(holding(terms), session_id__in=sessions.values("id"))
    return _narrowed(rows, terms).select_related("session__owner")


def shown(rows: list[SearchText], query: str) -> list[dict[str, Any]]:
    """As the REST API tells them."""
    messages = Message.objects.select_related("author").in_bulk(
        [row.message_id for row in rows if row.message_id]
    )
    terms = terms_of(query)
    return [_hit_json(row, messages.get(row.message_id), terms) for row in rows]


def _hit_json(row: SearchText, message: Message | None, terms: tuple[str, ...]) -> dict[str, Any]:
    text = message.text if message else row.session.title
    return {
        "session": {"id": str(row.session_id), "title": row.session.title},
        "message_id": str(row.message_id) if row.message_id else None,
        "role": message.role if message else None,
        "author": person_json(message.author) if message and message.author else None,
        "snippet": msgspec.to_builtins(snippet(text, terms)),
        "created_at": row.at.isoformat(),
    }


def _narrowed(rows: "QuerySet[SearchText]", terms: tuple[str, ...]) -> "QuerySet[SearchText]":
    """By SQLite's index of trigrams, which PostgreSQL goes to by itself. What is shorter than a trigram is
    not in it: there the texts are read."""
    known = [f'"{term.replace(chr(34), chr(34) * 2)}"' for term in terms if len(term) >= GRAM]
    if connection.vendor != "sqlite" or not known:
        return rows
    matching = "SELECT rowid FROM chat_searchtext_fts WHERE chat_searchtext_fts MATCH %s"
    return rows.filter(id__in=RawSQL(matching, [" AND ".join(known)]))  # nosec B611 # noqa: S611 - our own words
