"""The first start: the owner's account by a one-time link, or without asking from the environment."""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UserCreationForm
from django.core import signing
from django.core.management import call_command
from django.urls import reverse

from chat.accounts.roles import roles_ship
from chat.actions.audit import audited
from chat.agents.shipping import agents_ship
from chat.models import ApiKey
from chat.models.keys import HINT, key_digest
from chat.tools.servers import servers_from_environment
from providers.catalogue import sync_environment

LINK_SECONDS: Final = 24 * 3600
_SALT: Final = "parley.setup"


class OwnerForm(UserCreationForm):  # type: ignore[type-arg]
    """Name and password of the owner, who may do everything."""

    def save_owner(self) -> Any:
        user = self.save(commit=False)
        user.is_staff = user.is_superuser = True
        user.save()
        return user


def bring_up_to_date() -> None:
    """The database, and in it what the environment and this version bring along."""
    call_command("migrate", interactive=False, verbosity=0)
    sync_environment()
    roles_ship()
    agents_ship()
    servers_from_environment()
    owner_from_environment()


def setup_path() -> str:
    """Where the owner's account is made, or "" once somebody has one."""
    return "" if get_user_model().objects.exists() else reverse("setup", args=[setup_token()])


def setup_token() -> str:
    return signing.dumps("owner", salt=_SALT)


def setup_is_open(token: str) -> bool:
    """Only while nobody has an account: that is what makes the link a one-time one."""
    try:
        signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return False
    return not get_user_model().objects.exists()


@audited()
def owner_from_environment() -> None:
    """PARLEY_ADMIN_USER with PARLEY_ADMIN_PASSWORD and PARLEY_API_KEY; nothing that exists is changed."""
    name, password = settings.ADMIN_USER, settings.ADMIN_PASSWORD
    users = get_user_model().objects
    if name and password and not users.filter(username=name).exists():
        users.create_superuser(name, password=password)
    if key := settings.API_KEY:
        owner = users.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if owner:
            known = {"user": owner, "name": "PARLEY_API_KEY", "hint": key[-HINT:]}
            ApiKey.objects.get_or_create(digest=key_digest(key), defaults=known)
