"""The branch of a conversation that an answer goes on from: one query, however long the session is."""

from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

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
    SELECT said.id, said.role, said.parts, said.name
    FROM branch JOIN chat_message said ON said.id = branch.id
    ORDER BY depth DESC
"""


Branch: TypeAlias = dict[str, ChatMessage]  # by id, oldest first


def branch_to(message_id: UUID | None) -> Branch:
    """From the first message to this one, without those that have nothing to say."""
    if message_id is None:
        return {}
    key = Message._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(_BRANCH, [key.get_db_prep_value(message_id, connection)])
        said = {
            str(key.to_python(id_)): ChatMessage(role=role, parts=_parts.decode(parts), name=name)
            for id_, role, parts, name in cursor
        }
    return {id_: message for id_, message in said.items() if _says_something(message.parts)}


def history_of(answer: Message) -> list[ChatMessage]:
    """The branch above an answer, oldest first, without messages that have nothing to say."""
    return list(branch_to(answer.parent_id).values())


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
