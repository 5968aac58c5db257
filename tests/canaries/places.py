"""Where a server leaves something: files, tables, Redis, command lines, what its commands say."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import sql
from redis import Redis

Left: TypeAlias = tuple[str, bytes]  # the place, and what is there
PASSED_OVER: Final = ("postgres/data", "old")
# One process for all of them: starting takes longer than what they do.
COMMANDS: Final = """
from contextlib import suppress
import django
from django.core.management import call_command
django.setup()
for words in (
    "doctor --providers --alerts", "audit verify", "audit export", "providers_export -",
    "agents_export -", "rotate_keys", "cleanup",
):
    with suppress(SystemExit):
        call_command(*words.split())
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One server, of however many processes. `postgres` is a URL and `redis` a port, where there are any;
    `tree` is the code that it runs."""

    folder: Path
    environment: Mapping[str, str]
    tree: Path
    pids: Sequence[int]
    postgres: str = ""
    redis: int = 0

    def left(self) -> Iterator[Left]:
        yield from files(self.folder)
        yield from (table for path in self.folder.rglob("*.sqlite3") for table in sqlite(path))
        yield from postgres(self.postgres) if self.postgres else ()
        yield from redis(self.redis) if self.redis else ()
        yield from command_lines(self.pids)
        yield "what commands say", self.said()

    def said(self) -> bytes:
        command = [sys.executable, "-c", COMMANDS]
        done = subprocess.run(command, cwd=self.tree, env=dict(self.environment), capture_output=True)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done.stdout + done.stderr


def files(folder: Path) -> Iterator[Left]:
    """Logs (the database's own too), SQLite's pages, mails, uploads; neither PostgreSQL's pages nor code."""
    for root, folders, names in os.walk(folder):
        here = Path(root).relative_to(folder)
        folders[:] = [name for name in folders if (here / name).as_posix() not in PASSED_OVER]
        for path in (Path(root) / name for name in names):
            if path.is_file():
                yield str(here / path.name), path.read_bytes()


def sqlite(path: Path) -> Iterator[Left]:
    """A long text is scattered over pages: here it is in one piece."""
    with sqlite3.connect(path, timeout=30) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            rows = database.execute(f'SELECT * FROM "{name}"')
            yield f"table {name}", b"\n".join(_plain(value) for row in rows for value in row)
    database.close()


def postgres(url: str) -> Iterator[Left]:
    tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(url) as database:
        for schema, name in database.execute(tables).fetchall():
            rows = database.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, name)))
            yield f"table {name}", b"\n".join(_plain(row[0]) for row in rows)


def redis(port: int) -> Iterator[Left]:
    with Redis(port=port) as line:
        for key in line.scan_iter():
            kind: Any = line.type(key)
            yield f"Redis {key!r}", key + b" " + _plain(_READ[kind](line, key) if kind in _READ else "")


_READ: Final[Mapping[bytes, Any]] = {
    b"string": lambda line, key: line.get(key),
    b"list": lambda line, key: line.lrange(key, 0, -1),
    b"set": lambda line, key: line.smembers(key),
    b"zset": lambda line, key: line.zrange(key, 0, -1),
    b"hash": lambda line, key: line.hgetall(key),
    b"stream": lambda line, key: line.xrange(key),
}


def command_lines(pids: Sequence[int]) -> Iterator[Left]:
    """Of these processes and of all that they started."""
    for pid in pids:
        known = Path(f"/proc/{pid}")
        if known.exists():
            yield f"the command line of {pid}", (known / "cmdline").read_bytes()
            children = [
                int(word) for path in known.glob("task/*/children") for word in path.read_text().split()
            ]
            yield from command_lines(children)


def _plain(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
