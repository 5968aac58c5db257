"""Where django-allauth asks what this server wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from chat.actions.invitations import invitation_take
from chat.errors import Conflict
from chat.models import Invitation
from providers.secrets import Secret, decrypt, encrypt

INVITATION = "invitation"  # of a browser session: the id of the one whose link was opened


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP == "open" or (settings.SIGN_UP == "invitation" and _is_invited(request))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Raises Conflict, NotFound."""
        with _one_of_several():
            saved = super().save_user(request, user, form, commit)
            _take_invitation(request, saved)
        return saved


class Elsewhere(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts of those who sign in at another server."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return settings.OIDC_SIGN_UP or Accounts().is_open_for_signup(request)

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Raises Conflict, NotFound."""
        with _one_of_several():
            saved = super().save_user(request, sociallogin, form)
            _take_invitation(request, saved)
        return saved


class TwoSteps(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encrypt(Secret(text))

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text).reveal()


def _is_invited(request: HttpRequest) -> bool:
    named: str = request.session.get(INVITATION, "")
    return bool(named) and Invitation.open().filter(pk=named).exists()


@contextmanager
def _one_of_several() -> Iterator[None]:
    """Of several at once with one name or one invitation, one has it, and nothing stays of the others."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Conflict("Somebody has this name already.", code="username_taken", field="username") from None


def _take_invitation(request: HttpRequest, user: Any) -> None:
    if invitation := request.session.get(INVITATION):
        invitation_take(invitation_id=invitation, user=user)
        request.session.pop(INVITATION)
