"""The one bridge from async code to the ORM, and reads that see one moment."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

from django.db import InterfaceError, InternalError, OperationalError, close_old_connections, connection

from chat.metrics import DATABASE_ERRORS, DATABASE_SECONDS

# What the database says when it is away, is going, is full, may not write or gave up on a connection: worth
# another attempt.
AWAY: Final = (OperationalError, InterfaceError, InternalError)

# Not the loop's own: Django logs refusals there, and a request keeps its connection until that is done. With
# all of those threads waiting for a connection, both would wait for each other.
_THREADS: Final = ThreadPoolExecutor(min(32, (os.cpu_count() or 1) + 4), thread_name_prefix="database")

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_database(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run sync ORM code in a thread of a pool: many at once, unlike asgiref's one shared thread."""
    called, started = partial(function, *args, **kwargs), time.monotonic()
    try:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, copy_context().run, _tidily, called)
    except AWAY as error:
        DATABASE_ERRORS.labels(type(error).__name__).inc()
        raise
    finally:
        DATABASE_SECONDS.observe(time.monotonic() - started)


def _tidily(called: Callable[[], _T]) -> _T:
    """Past `database_sync_to_async`, which does the same for several times as much."""
    close_old_connections()
    try:
        return called()
    finally:
        close_old_connections()


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
