"""What people themselves do with what is remembered: facts about them, and summaries of their sessions."""

from typing import Any

from django.db import transaction

from chat.access import Person, memories_for
from chat.errors import Conflict
from chat.memory.facts import MOST
from chat.models import Memory, Summary, UserSettings


def memory_create(*, user: Person, text: str) -> Memory:
    """Raises Conflict where there is no room."""
    if memories_for(user).count() >= MOST:
        raise Conflict("Your memory is full. Delete what is not needed any more.", code="memory_full")
    owned: dict[str, Any] = {"user_id": user.pk}
    return Memory.objects.create(text=text, edited=True, **owned)


def memory_update(*, memory: Memory, text: str) -> Memory:
    memory.text, memory.edited = text, True
    memory.save(update_fields=["text", "edited", "updated_at"])
    return memory


def memory_delete(*, memory: Memory) -> None:
    memory.delete()


def memories_delete(*, user: Person) -> int:
    """All of a person's. Gives how many there were."""
    return memories_for(user).delete()[0]


def summary_update(*, summary: Summary, text: str) -> Summary:
    """What the next requests and summaries go by."""
    summary.text, summary.edited = text, True
    summary.save(update_fields=["text", "edited", "updated_at"])
    return summary


def summary_delete(*, summary: Summary) -> None:
    """A model makes another when one is due."""
    summary.delete()


@transaction.atomic
def settings_update(*, user: Person, **fields: Any) -> UserSettings:
    owner: dict[str, Any] = {"user_id": user.pk}
    row, _ = UserSettings.objects.update_or_create(**owner, defaults=fields)
    return row


def settings_of(user: Person) -> UserSettings:
    """What a person chose, or the defaults."""
    owner: dict[str, Any] = {"user_id": user.pk}
    return UserSettings.objects.filter(**owner).first() or UserSettings(**owner)
