"""Messages that were said elsewhere, put before the first one that is asked here."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from chat.models import ChatSession, Message
from providers.contract import ChatMessage
from providers.parts import MediaPart, parts_to_json


@transaction.atomic
def messages_import(*, session: ChatSession, messages: Iterable[ChatMessage]) -> None:
    """For a session that is new and that nobody looks at yet: nothing is announced. What a message carries as
    data is left out; its words stay."""
    leaf: Message | None = None
    for message in messages:
        parts = tuple(part for part in message.parts if not (isinstance(part, MediaPart) and part.data))
        said: dict[str, Any] = {"role": _role(message), "parts": parts_to_json(parts), "name": message.name}
        leaf = Message.objects.create(session=session, parent=leaf, **said)
    if leaf is not None:
        session.leaf = leaf
        session.save(update_fields=["leaf"])


def _role(message: ChatMessage) -> str:
    """Results of the caller's tools are something that the caller said."""
    return Message.Role.USER if message.role == "tool" else message.role
