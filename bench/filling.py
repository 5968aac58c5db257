"""Fill a session of a server that runs: `python -m bench.filling SESSION COUNT`, in the server's environment.

Never imported: it sets Django up.
"""

import sys
from typing import Final

import django

django.setup()

from chat.models import ChatSession, Message  # noqa: E402 - only after the setup

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


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
