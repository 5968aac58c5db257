"""What the operator and a person say of what is remembered. Reads rows; writes nothing."""

from typing import Any

from django.conf import settings

from chat.models import ChatSession, MemorySettings, UserSettings
from providers.briefly import briefly


@briefly
def memory_settings() -> MemorySettings:
    """The operator's, with the model that the environment names where the row names none."""
    row = MemorySettings.objects.filter(pk=1).first() or MemorySettings(pk=1)
    row.model = row.model or settings.BACKGROUND_MODEL
    return row


def may_remember(user_id: Any, session: ChatSession) -> bool:
    """Whether answers in this session may use what is known of this person, and add to it. Never where others
    read along: they would learn of it."""
    if user_id != session.owner_id or not session.memory or not memory_settings().memory:
        return False
    return _wants_memory(user_id) and not session.members.exists()


def _wants_memory(user_id: Any) -> bool:
    said = UserSettings.objects.filter(pk=user_id).values_list("memory", flat=True).first()
    return said is not False
