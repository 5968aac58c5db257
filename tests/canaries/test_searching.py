"""What is planted is found in every place that is searched, or finding nothing would prove nothing."""

import asyncio
import base64
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from redis import Redis

from tests.canaries import places
from tests.canaries.provoking import overheard
from tests.canaries.words import PLANTED, canary, found_in
from tests.clients import eventually
from tests.services import redis

WORD = canary("a test")
SECRETS = {**PLANTED, "it": WORD, "another": "pk-a+b/c=d&e+f/g=h&i+j/k=l&m"}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_as_it_is_and_encoded(name: str) -> None:
    value = SECRETS[name]
    for text in (value, quote(value, safe=""), value.encode().hex(), f"…{value[-19:]}", f"{value[-28:-5]}…"):
        assert found_in(f"said: {text} and more".encode(), SECRETS) == [name]
    for before in ("", "u", "me:", "user:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            assert found_in(encode(f"{before}{value}".encode()), SECRETS) == [name]


def test_a_hint_is_no_leak() -> None:
    assert not found_in(f"••••{WORD[-4:]} and {WORD[:4]}".encode(), SECRETS)


def found(left: object) -> set[str]:
    return {place for place, data in left if found_in(data, SECRETS)}  # type: ignore[attr-defined]


def test_files_are_searched_and_code_is_not(tmp_path: Path) -> None:
    for name in ("web1.log", "data/mail/1", "postgres/postgres.log", "old/a.py", "postgres/data/pg_wal"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"a line\nsaid {WORD}\n")
    assert found(places.files(tmp_path)) == {"web1.log", "data/mail/1", "postgres/postgres.log"}


def test_tables_are_searched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite3") as database:
        for table, value in (("text", WORD), ("bytes", WORD.encode()), ("none", None)):
            database.execute(f"CREATE TABLE {table} (id, value)")
            database.execute(f"INSERT INTO {table} VALUES (1, ?)", [value])
    database.close()
    assert found(places.sqlite(tmp_path / "a.sqlite3")) == {"table text", "table bytes"}


def test_tables_of_postgresql_are_searched() -> None:
    import psycopg

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("needs PostgreSQL: python -m tests.services run")
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE TABLE planted (told jsonb, bytes bytea)")
        try:
            database.execute("INSERT INTO planted VALUES (%s, NULL)", [f'{{"a": ["{WORD}"]}}'])
            assert "table planted" in found(places.postgres(url))
            database.execute("UPDATE planted SET told = NULL, bytes = %s", [WORD.encode()])
            assert "table planted" in found(places.postgres(url))
        finally:
            database.execute("DROP TABLE planted")


async def test_redis_is_searched_and_overheard() -> None:
    with redis() as url, Redis.from_url(url) as line:
        port = line.connection_pool.connection_kwargs["port"]
        line.set("a", f"x{WORD}")
        line.rpush("b", "x", WORD)
        line.sadd("c", WORD)
        line.zadd("d", {WORD: 1})
        line.hset("e", "field", WORD)
        line.xadd("f", {"field": WORD})
        line.set(f"g:{WORD}", "x")
        assert len(found(places.redis(port))) == 7
        async with overheard(port) as heard:

            async def was_heard() -> bool:
                line.publish("somewhere", WORD)
                return bool(found([("heard", b"\n".join(heard))]))

            await eventually(was_heard)


def test_command_lines_are_searched_down_to_the_children() -> None:
    child = f"import sys; sys.stdin.read() # {WORD}"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    split = [sys.executable, "-c", parent, child]
    with subprocess.Popen(split, stdin=subprocess.PIPE) as process:
        try:
            asyncio.run(eventually(lambda: _two_lines(process.pid)))
        finally:
            assert process.stdin
            process.stdin.close()


async def _two_lines(pid: int) -> bool:
    return len(found(places.command_lines([pid]))) == 2
