"""API keys: made and revoked. The key itself is told once, by whoever made it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from chat.actions.audit import audit_append, audited
from chat.models import ApiKey, Budget
from chat.models.keys import HINT, key_digest, new_key


@audited()
def key_create(
    *,
    user: Any,
    name: str = "",
    scopes: Sequence[str] = (),
    routes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
    budget: Mapping[str, Any] | None = None,
) -> tuple[ApiKey, str]:
    """The row, and the key to be shown this once. `budget` is a period with its amounts."""
    key = new_key()
    row = ApiKey.objects.create(
        user=user,
        name=name,
        scopes=list(scopes),
        routes=None if routes is None else list(routes),
        expires_at=expires_at,
        digest=key_digest(key),
        hint=key[-HINT:],
    )
    if budget:
        Budget.objects.create(key=row, **budget)
    return row, key


@audited()
def key_revoke(*, key: ApiKey) -> None:
    """At once: what is open with it closes. The row stays, for usage names it."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit_append("key.revoked", key.pk, user_id=key.user_id)
