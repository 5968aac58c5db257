"""Who signed in and out, and who tried to, at whichever page."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from chat.actions.audit import audit_append


def watch_sign_ins() -> None:
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_failed)


def _signed_in(user: Any, **_: Any) -> None:
    audit_append("user.signed_in", user.pk)


def _signed_out(user: Any, **_: Any) -> None:
    if user is not None:
        audit_append("user.signed_out", user.pk)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """Whose account it was, where there is one: what else was typed may be a password in the wrong field."""
    name = str(credentials.get(get_user_model().USERNAME_FIELD) or "")
    user = None if "\0" in name else get_user_model().objects.filter(username=name).first()
    audit_append("user.sign_in_failed", user.pk if user else "")
