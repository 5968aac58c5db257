"""Fill a server that runs, in its environment: `python -m bench.filling SESSION COUNT` makes messages,
`python -m bench.filling COUNT` sessions.

Never imported: it sets Django up.
"""

import sys
from datetime import timedelta
from typing import Final

import django

django.setup()

from django.utils import timezone  # noqa: E402 - only after the setup

from chat.models import ChatSession, Message  # noqa: E402

FOLDERS: Final = ("Work", "Home", "Art")
TEXT: Final = "What is said here is as long as an answer usually is. " * 10


def fill(session_id: str, count: int) -> None:
    """So many messages, one under the other."""
    session = ChatSession.objects.get(id=session_id)
    messages: list[Message] = []
    for number in range(count):
        role = Message.Role.ASSISTANT if number % 2 else Message.Role.USER
        parent = messages[-1] if messages else None
        parts = [{"type": "text", "text": TEXT}]
        messages.append(Message(session=session, parent=parent, role=role, parts=parts))
    Message.objects.bulk_create(messages, batch_size=500)
    session.leaf = messages[-1]
    session.save(update_fields=["leaf"])


def fill_list(count: int) -> None:
    """So many sessions, with those that are there, of who has the first; every tenth is in a folder, every
    hundredth pinned. The first becomes the oldest."""
    first = ChatSession.objects.earliest("id")
    now = timezone.now()
    made = [
        ChatSession(
            owner=first.owner,
            title=f"Chat {number} about something",
            folder="" if number % 10 else FOLDERS[number % 3],
            pinned_at=None if number % 100 else now,
        )
        for number in range(count - ChatSession.objects.count())
    ]
    ChatSession.objects.bulk_create(made)
    for number, session in enumerate([*made, first]):
        session.updated_at = now - timedelta(hours=number)
    ChatSession.objects.bulk_update([*made, first], ["updated_at"], batch_size=200)


if __name__ == "__main__":
    *session, amount = sys.argv[1:]
    if session:
        fill(session[0], int(amount))
    else:
        fill_list(int(amount))
