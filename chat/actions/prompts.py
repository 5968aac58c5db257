"""What people do with the prompts that they saved for themselves."""

from typing import Any, Final

from django.db import IntegrityError, transaction

from chat.access import Person, prompts_for
from chat.errors import Conflict
from chat.models import Prompt

MOST: Final = 200  # of one person


def prompt_create(*, user: Person, **fields: Any) -> Prompt:
    """Raises Conflict where there is no room, or another one has the command."""
    if prompts_for(user).count() >= MOST:
        raise Conflict(
            "You have as many prompts as there is room for. Delete one first.", code="prompts_full"
        )
    owned: dict[str, Any] = {"user_id": user.pk}
    return _saved(Prompt(**owned, **fields))


def prompt_update(*, prompt: Prompt, **fields: Any) -> Prompt:
    """Raises Conflict where another one has the command."""
    for name, value in fields.items():
        setattr(prompt, name, value)
    return _saved(prompt)


def prompt_delete(*, prompt: Prompt) -> None:
    prompt.delete()


def _saved(prompt: Prompt) -> Prompt:
    try:
        with transaction.atomic():
            prompt.save()
    except IntegrityError:
        raise Conflict(
            "Another prompt of yours has this command.", code="command_taken", field="command"
        ) from None
    return prompt
