"""Waking a runner. Whatever is sent here is only a wake-up: the run's row says what is to be done."""

from collections.abc import Callable, Iterable
from uuid import UUID

_wake: Callable[[UUID], None] | None = None
_stop: Callable[[UUID], None] | None = None


def connect(wake: Callable[[UUID], None] | None, stop: Callable[[UUID], None] | None) -> None:
    """The runner pool of this process says how it is woken; both must be callable from any thread."""
    global _wake, _stop
    _wake, _stop = wake, stop


def dispatch(run_ids: Iterable[UUID]) -> None:
    """Have these runs executed. Where nobody listens, the sweeper of a server finds them."""
    for run_id in run_ids:
        if _wake:
            _wake(run_id)


def request_stop(run_id: UUID) -> None:
    if _stop:
        _stop(run_id)
