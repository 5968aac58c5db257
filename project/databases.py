"""DATABASES from DATABASE_URL: SQLite in the data folder by default, PostgreSQL through a pool."""

from pathlib import Path
from typing import Any

from project.env import env

# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so that a transaction
# never fails half-way with "locked"; NORMAL keeps every commit through a kill -9 (not through a power cut).
_SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;",
}


def databases(data: Path) -> dict[str, dict[str, Any]]:
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{data / 'parley.sqlite3'}"
    database: dict[str, Any] = env.db_url_config(url)
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = dict(_SQLITE)
        database["CONN_MAX_AGE"] = None
        database["TEST"] = {"NAME": str(data / "test.sqlite3")}
    else:
        database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": {"min_size": 1, "max_size": 16}}
        database["CONN_MAX_AGE"] = 0
    return {"default": database}
