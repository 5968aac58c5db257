"""Second steps: who has to have one, and their secrets under a new key."""

from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings

from chat.errors import Forbidden
from providers.rotation import Rotated, fresh_token

STEPS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_step(person: Any) -> bool:
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=STEPS).exists())


def lacks_second_step(person: Any) -> bool:
    """Whoever sets the server up, where PARLEY_OPERATORS_TWO_STEPS asks it of them."""
    return bool(settings.OPERATORS_TWO_STEPS and person.is_staff and not has_second_step(person))


def require_second_step(person: Any) -> None:
    """Of who comes with a cookie. Raises Forbidden."""
    if lacks_second_step(person):
        raise Forbidden("Set up a second step for signing in first.", code="second_step_needed")


def second_steps_rotate(done: Rotated) -> None:
    """The library keeps them in a JSON field. A row that changes meanwhile keeps what it has."""
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).iterator():
        where = f"second step {row.pk}"
        fresh = {name: _fresh(done, value, f"{where}: {name}") for name, value in row.data.items()}
        if fresh != row.data:
            done.changed += Authenticator.objects.filter(pk=row.pk, data=row.data).update(data=fresh)


def _fresh(done: Rotated, value: Any, where: str) -> Any:
    """Secrets are Fernet tokens; beside them are lists and numbers."""
    is_token = isinstance(value, str) and value.startswith("gAAAA")
    return (fresh_token(done, value, where) or value) if is_token else value
