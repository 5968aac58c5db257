"""What a person is called by others: a name of their own choice, else the username."""

from typing import Any

from django.contrib.auth import get_user_model

from chat.accounts.names import display_name, looks_like
from chat.actions.audit import audited
from chat.errors import Conflict


@audited()
def profile_update(*, user: Any, name: str) -> None:
    """Empty: the username again. It stands in Django's `first_name`, which sign-ins elsewhere fill in.
    Raises Invalid, and Conflict where it is somebody else's username: who that is, is to stay clear."""
    chosen = display_name(name)
    others = get_user_model().objects.exclude(pk=user.pk)
    if chosen and others.filter(username__iexact=looks_like(chosen)).exists():
        raise Conflict("This is somebody else's username.", code="name_taken", field="name")
    user.first_name, user.last_name = chosen, ""
    user.save(update_fields=["first_name", "last_name"])
