"""What an account's owner sees of it on the settings page, and the door that invitations lead to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from chat.accounts.adapter import INVITATION
from chat.accounts.devices import device_label
from chat.accounts.roles import role_of
from chat.accounts.second_steps import has_second_step
from chat.actions.invitations import invitation_for


@dataclass(frozen=True, slots=True)
class SignedIn:
    device: str
    ip: str
    since: datetime
    is_here: bool


@require_GET
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Remembers who invites this browser, so that the sign-up page need not carry the token along."""
    request.session[INVITATION] = str(invitation_for(token).pk)
    return redirect("account_signup")


def account_of(request: HttpRequest) -> dict[str, Any]:
    """For the page's template."""
    return {
        "role": role_of(request.user).label,
        "two_steps": has_second_step(request.user),
        "signed_in": signed_in_of(request),
        "elsewhere": elsewhere(),
    }


def elsewhere() -> str:
    """What the server is called where one can sign in as well, or nothing."""
    apps: Any = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return str(apps[0]["name"]) if apps else ""


def signed_in_of(request: HttpRequest) -> list[SignedIn]:
    """Where this account is signed in, the latest first. A browser that was signed in before such lists were
    kept is on it from the first time that it looks."""
    here = request.session.session_key
    if not UserSession.objects.filter(session_key=here).exists():
        UserSession.objects.create_from_request(request)
    rows = UserSession.objects.purge_and_list(request.user)
    rows.sort(key=lambda row: (row.session_key == here, row.created_at), reverse=True)
    return [
        SignedIn(device_label(row.user_agent), row.ip, row.created_at, row.session_key == here)
        for row in rows
    ]
