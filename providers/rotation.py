"""Stored secrets under a new key, while the old one is still valid and the server runs.

Every row is changed by itself and only if nobody changed it meanwhile, so that it can be stopped and started
again at any moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db import models

from providers.models import Provider
from providers.secrets import SecretUnreadable, decrypt, is_current, reencrypted

_ENDING: Final = "_encrypted"
HOLDERS: Final[list[Callable[["Rotated"], None]]] = []  # rooms that keep secrets in another shape


@dataclass(slots=True)
class Rotated:
    """`unreadable` are the fields whose key is in no list any more."""

    changed: int = 0
    current: int = 0
    unreadable: tuple[str, ...] = ()


def secrets_rotate() -> Rotated:
    """Every field of every table whose name ends in `_encrypted`, and headers that are still in clear."""
    for provider in Provider.objects.exclude(headers={}):
        provider.save()
    done = Rotated()
    for table, field in _fields():
        for key, token in table._default_manager.exclude(**{field: ""}).values_list("pk", field).iterator():
            _rotate(done, table, field, key, token)
    for rotate in HOLDERS:
        rotate(done)
    return done


def fresh_token(done: Rotated, token: str, where: str) -> str:
    """The same secret under the first of the keys; empty where it is already, or cannot be read."""
    try:
        if is_current(token):
            done.current += 1
            return ""
        return reencrypted(token)
    except SecretUnreadable:
        done.unreadable += (where,)
        return ""


def secrets_readable() -> tuple[int, list[str]]:
    """How many can be read, and where those are that cannot."""
    read, lost = 0, []
    for table, field in _fields():
        for key, token in table._default_manager.exclude(**{field: ""}).values_list("pk", field).iterator():
            try:
                decrypt(token)
            except SecretUnreadable:
                lost.append(_place(table, key, field))
            else:
                read += 1
    return read, lost


def _fields() -> Iterator[tuple[type[models.Model], str]]:
    for table in apps.get_models():
        for field in table._meta.concrete_fields:
            if field.name.endswith(_ENDING):
                yield table, field.name


def _rotate(done: Rotated, table: type[models.Model], field: str, key: object, token: str) -> None:
    if fresh := fresh_token(done, token, _place(table, key, field)):
        unchanged = table._default_manager.filter(pk=key, **{field: token})
        done.changed += unchanged.update(**{field: fresh})


def _place(table: type[models.Model], key: object, field: str) -> str:
    return f"{table._meta.label} {key}: {field}"
