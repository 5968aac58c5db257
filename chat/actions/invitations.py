"""Invitations: made, looked at and taken, once."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from chat.accounts.roles import role_set
from chat.errors import NotFound
from chat.models import Invitation
from chat.models.share_links import new_token, token_digest

DAYS: Final = 7
LONGEST: Final = timedelta(days=365)


def invitation_create(
    *, role: str, creator: Any = None, note: str = "", expires_at: datetime | None = None
) -> tuple[Invitation, str]:
    """The row, and the link's token, which nobody can read again."""
    token = new_token()
    ends = expires_at or timezone.now() + timedelta(days=DAYS)
    row = Invitation.objects.create(
        digest=token_digest(token), role=role, creator=creator, note=note, expires_at=ends
    )
    return row, token


def invitation_for(token: str) -> Invitation:
    """Raises NotFound."""
    row = Invitation.open().filter(digest=token_digest(token)).first()
    if row is None:
        raise _used()
    return row


def invitation_take(*, invitation_id: Any, user: Any) -> None:
    """Gives its role to somebody who just signed up. Raises NotFound where another was faster: then nothing
    of the account must stay."""
    taken = Invitation.open().filter(pk=invitation_id).update(used_at=timezone.now(), taker=user)
    if not taken:
        raise _used()
    role_set(user, Invitation.objects.get(pk=invitation_id).role)


def _used() -> NotFound:
    return NotFound("This invitation was used already, or is too old.", code="invitation_invalid")
