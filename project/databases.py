"""DATABASES from DATABASE_URL: SQLite in the data folder by default, PostgreSQL through a pool."""

from pathlib import Path
from typing import Any

from project.env import env, unusable

# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at BEGIN, so that a transaction
# never fails half-way with "locked"; NORMAL keeps every commit through a kill -9 (not through a power cut).
_SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;",
}

# Other processes go on when one of them hangs or freezes within a transaction: well within a run's lease the
# server takes its locks away. What went dead is noticed in seconds, in the network and in the pool.
_POSTGRES: dict[str, Any] = {
    "connect_timeout": 3,  # seconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
    "options": "-c idle_in_transaction_session_timeout=5s -c lock_timeout=10s",
}
# After a failed attempt the pool waits twice as long for the next, up to minutes: rather give up after 2 s
# and begin anew with the next caller, who waits for 5 s at most.
_POOL: dict[str, Any] = {"min_size": 1, "max_size": 16, "timeout": 5.0, "reconnect_timeout": 2.0}


def databases(data: Path) -> dict[str, dict[str, Any]]:
    url = env.str("DATABASE_URL", default="") or f"sqlite:///{data / 'parley.sqlite3'}"
    database: dict[str, Any] = env.db_url_config(url)
    if "ENGINE" not in database:
        raise unusable("DATABASE_URL", "it is postgres://user:password@host/name, or sqlite:///path")
    if database["ENGINE"].endswith("sqlite3"):
        database["ENGINE"] = "project.sqlite"
        database["OPTIONS"] = dict(_SQLITE)
        database["CONN_MAX_AGE"] = None
        database["TEST"] = {"NAME": str(data / "test.sqlite3")}
    else:
        database["OPTIONS"] = {**_POSTGRES, "pool": _POOL, **database.get("OPTIONS", {})}
        database["CONN_MAX_AGE"] = 0
        database["CONN_HEALTH_CHECKS"] = True  # after a restart, the pool's dead connections fail nobody
    return {"default": database}
