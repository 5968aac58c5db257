"""Who is calling: one place for all carriers (session cookie, Bearer key, x-api-key, ticket)."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.authentication import CSRFCheck

from chat.access import Person
from chat.accounts.second_steps import require_second_step
from chat.errors import Forbidden, NotSignedIn
from chat.models import ApiKey
from chat.models.keys import bearer_of, came_with, key_digest

TICKET_SECONDS: Final = 30
TOUCH_EVERY: Final = timedelta(minutes=1)  # how exact a key's "last used" is
_SALT: Final = "parley.ws-ticket"


def key_from(headers: Mapping[str, str]) -> str:
    """The API key of a request, `Authorization: Bearer KEY` or `x-api-key: KEY`; empty without one."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return headers.get("x-api-key", "").strip()


def key_of(request: Any) -> str:
    """The same, of a Django or DRF request."""
    return key_from({name.lower(): value for name, value in request.headers.items()})


def user_of_key(key: str) -> Any:
    """The owner, as somebody who came with it. Raises NotSignedIn for a key that is unknown, expired, revoked
    or of a disabled account."""
    return bearer_of(valid_key(digest=key_digest(key)))


def valid_key(**which: Any) -> ApiKey:
    """The same, as the key's row."""
    now = timezone.now()
    row = ApiKey.objects.select_related("user").filter(**which).first()
    if row is None or not row.usable(now) or not row.user.is_active:
        raise NotSignedIn("This API key is not valid.", code="invalid_api_key")
    if row.last_used_at is None or now - row.last_used_at > TOUCH_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def require_scope(person: Person, *scopes: str) -> None:
    """That the key somebody came with, if any, has one of these. Raises Forbidden."""
    if not in_scope(person, *scopes):
        told = " or ".join(scopes)
        raise Forbidden(f"This key does not have the scope {told}.", code="scope_missing", scope=scopes[0])


def in_scope(person: Person, *scopes: str) -> bool:
    key = came_with(person)
    return key is None or any(map(key.allows, scopes))


def operator_of(request: Any) -> Person:
    """The caller, who must be staff, with a key only where that has the admin scope. Raises NotSignedIn,
    Forbidden."""
    person = signed_in(request)
    require_scope(person, "admin")
    if not person.is_staff:
        raise Forbidden
    return person


def ticket_for(user: Person) -> str:
    """A ticket that opens one WebSocket within 30 seconds, with the rights of the key that asks for it."""
    key = came_with(user)
    return signing.dumps([user.pk, secrets.token_urlsafe(12), *([str(key.pk)] if key else [])], salt=_SALT)


def user_of_ticket(ticket: str) -> Any:
    """Burns the ticket. Raises NotSignedIn."""
    try:
        user_id, nonce, *keys = signing.loads(ticket, salt=_SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        raise NotSignedIn("This ticket is not valid.", code="invalid_ticket") from None
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None or not cache.add(f"ticket:{nonce}", 1, TICKET_SECONDS * 2):
        raise NotSignedIn("This ticket is not valid.", code="invalid_ticket")
    return bearer_of(valid_key(pk=keys[0])) if keys else user


def caller_of(request: Any) -> Person:
    """The caller of an HTTP request: by key where one is sent (a wrong one is an error), else by cookie.
    Raises NotSignedIn, Forbidden."""
    if key := key_of(request):
        user: Person = user_of_key(key)
        return user
    person: Person = request.user
    require_second_step(person)
    return person


def require_page_token(request: Any) -> None:
    """Of a request that changes something and came with a cookie. Raises Forbidden."""
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, HttpResponse, (), {}):
        raise Forbidden("The CSRF token is missing or wrong.", code="csrf_failed")


def signed_in(request: Any) -> Person:
    """Raises NotSignedIn."""
    person = caller_of(request)
    if not person.is_authenticated or not person.is_active:
        raise NotSignedIn
    return person
