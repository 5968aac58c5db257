"""The one bridge from async code to the ORM, and reads that see one moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db import InterfaceError, InternalError, OperationalError, connection

# What the database says when it is away, is going, is full, may not write or gave up on a connection: worth
# another attempt.
AWAY: Final = (OperationalError, InterfaceError, InternalError)

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_database(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run sync ORM code in a thread of the loop's pool: many at once, unlike asgiref's one shared thread."""
    bridged = database_sync_to_async(function, thread_sensitive=False)
    result: _T = await bridged(*args, **kwargs)
    return result


@contextmanager
def consistent_read() -> Iterator[None]:
    """All queries inside see the same moment, so that a snapshot fits its position. Takes no write lock:
    `atomic()` would, because transactions are IMMEDIATE on SQLite."""
    if connection.in_atomic_block:  # inside a wider transaction, which already decides what is seen
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield
        finally:
            cursor.execute("COMMIT")
