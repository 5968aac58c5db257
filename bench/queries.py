"""`python -m bench.queries serve`: manage.py, with all queries of the process counted in a file."""

import mmap
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db.backends.signals import connection_created

_FILE: Final = "queries"
_SIZE: Final = 8  # bytes of the number


def counted(folder: Path) -> int:
    """The queries so far of the server whose data is in this folder."""
    return int.from_bytes((folder / _FILE).read_bytes(), "little")


class Counter:
    """COMMIT and the like are no queries to it, as they are none to Django."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SIZE)
        self._turn = threading.Lock()
        self._count = 0

    def watch(self, connection: Any, **_: Any) -> None:
        """A signal's receiver, for each new connection."""
        if self._counting not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._counting)

    def _counting(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        with self._turn:
            self._count += 1
            self._shared[:] = self._count.to_bytes(_SIZE, "little")
        return execute(*arguments)


def main() -> None:
    django.setup()
    counter = Counter(settings.DATA_DIR / _FILE)
    connection_created.connect(counter.watch)
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
