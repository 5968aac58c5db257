"""Data as after a first start with the cast: made once, copied for every server that the tests start."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
CAST = "cast.json"  # the cast's keys, beside the data


def prepare(data: Path) -> dict[str, str]:
    """Fill the folder; gives DATABASE_URL of a new database where the tests run on PostgreSQL."""
    folder, template = _template()
    shutil.copytree(folder, data, dirs_exist_ok=True)
    return fresh_database(_new_name(), template)


def empty_database() -> dict[str, str]:
    return fresh_database(_new_name())


def fresh_database(name: str, template: str = "template1") -> dict[str, str]:
    """DATABASE_URL of a new database where the tests run on PostgreSQL; nothing on SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return {}
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}


@functools.cache
def _template() -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="prepared-", dir=os.environ["PARLEY_DATA"]))
    database = _new_name()
    own = {**os.environ, "PARLEY_DATA": str(folder), **fresh_database(database)}
    for arguments in (("manage.py", "migrate", "--verbosity", "0"), ("-m", "tests.cast")):
        with (folder / CAST).open("wb") as said:
            subprocess.run([sys.executable, *arguments], cwd=ROOT, env=own, stdout=said, check=True)
    return folder, database


def _new_name() -> str:
    return f"parley_{uuid.uuid4().hex[:8]}"
