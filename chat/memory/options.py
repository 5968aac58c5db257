"""What the operator and a person say of what is remembered. Reads rows; writes nothing."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from chat.models import ChatSession, MemorySettings, SessionMember, ShareLink, UserSettings
from providers.briefly import briefly


@briefly
def memory_settings() -> MemorySettings:
    """The operator's, with the model that the environment names where the row names none."""
    row = MemorySettings.objects.filter(pk=1).first() or MemorySettings(pk=1)
    row.model = row.model or settings.BACKGROUND_MODEL
    return row


def may_remember(user_id: Any, session: ChatSession) -> bool:
    """Whether answers in this session may use what is known of this person, and add to it. Never where others
    read along, as members or by a link to what is said from now on: they would learn of it."""
    if user_id != session.owner_id or not session.memory or not memory_settings().memory:
        return False
    here = OuterRef("id")
    links = ShareLink.objects.filter(session=here, leaf_id=None, revoked_at=None, expires_at__gt=Now())
    members = SessionMember.objects.filter(session=here)
    switched_off = UserSettings.objects.filter(user=OuterRef("owner"), memory=False)
    alone = ChatSession.objects.filter(~Exists(members), ~Exists(links), ~Exists(switched_off), id=session.id)
    return alone.exists()
