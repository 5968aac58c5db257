"""Write transactions of this process come one after the other, in the order in which they ask.

SQLite takes one writer. Left to itself, the others sleep for ever longer (1 to 100 ms) between attempts, and
whoever comes by at the right moment goes first: an answer then waits for a second where each transaction
takes a millisecond. Between processes SQLite's own lock decides, as ever.
"""

import threading
from typing import Any, Final

from django.db.backends.sqlite3 import base

PATIENCE: Final = 20.0  # seconds in the queue, after which SQLite's own lock has to decide

_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    _has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        self._has_turn = _turn.acquire(timeout=PATIENCE)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()
