"""`manage.py migrate`: Django's, with time to think on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with _no_hurry(options["database"]):
            super().handle(*args, **options)


@contextmanager
def _no_hurry(database: str) -> Iterator[None]:
    """Between two statements of a migration a busy machine thinks longer than a transaction may be idle."""
    connection = connections[database]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET idle_in_transaction_session_timeout")
