"""The branch of a conversation that an answer goes on from: one query, however long the session is."""

from dataclasses import replace
from typing import Final

import msgspec
from django.db import connection

from chat.models import Message
from providers.contract import ChatMessage
from providers.parts import MediaPart, Parts, TextPart, ToolCallPart, ToolResultPart, text_of

_SAYING: Final = (MediaPart, ToolCallPart, ToolResultPart)
_parts: Final = msgspec.json.Decoder(Parts)

# The ORM knows no recursion. Without it, every message of the session would have to be looked at.
_BRANCH: Final = """
    WITH RECURSIVE branch (id, parent_id, depth) AS (
        SELECT id, parent_id, 0 FROM chat_message WHERE id = %s
        UNION ALL
        SELECT above.id, above.parent_id, depth + 1
        FROM chat_message above JOIN branch ON above.id = branch.parent_id
    )
    SELECT said.role, said.parts, said.name
    FROM branch JOIN chat_message said ON said.id = branch.id
    ORDER BY depth DESC
"""


def history_of(answer: Message) -> list[ChatMessage]:
    """The branch above an answer, oldest first, without messages that have nothing to say."""
    if answer.parent_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BRANCH, [Message._meta.pk.get_db_prep_value(answer.parent_id, connection)])
        said = [ChatMessage(role=role, parts=_parts.decode(parts), name=name) for role, parts, name in cursor]
    return [message for message in said if _says_something(message.parts)]


def with_input(messages: tuple[ChatMessage, ...], text: str) -> tuple[ChatMessage, ...]:
    """The conversation with another text in the place of what the person said last; files stay with it."""
    place = max((i for i, message in enumerate(messages) if message.role == "user"), default=None)
    if place is None:
        return (*messages, ChatMessage(role="user", parts=(TextPart(text=text),)))
    asked = messages[place]
    files: Parts = tuple(part for part in asked.parts if not isinstance(part, TextPart))
    changed = replace(asked, parts=(TextPart(text=text), *files))
    return (*messages[:place], changed, *messages[place + 1 :])


def _says_something(parts: Parts) -> bool:
    """Calls and their results belong together: neither is left out."""
    return bool(text_of(parts)) or any(isinstance(part, _SAYING) for part in parts)
