"""Reading the environment: `NAME`, or the content of the file that `NAME_FILE` points to; generated keys.

Every variable that Parley reads is listed in docs/configuration.md.
"""

import os
import secrets
from pathlib import Path

import environ
from cryptography.fernet import Fernet

env = environ.FileAwareEnv()


def data_folder() -> Path:
    """PARLEY_DATA: the database, uploads and generated keys live here; made readable by its owner only."""
    folder = Path(env.str("PARLEY_DATA", default="data")).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """PARLEY_SECRET_KEY, or one that is made once and kept in the data folder."""
    return env.str("PARLEY_SECRET_KEY", default="") or _kept(folder / "secret_key", secrets.token_urlsafe(48))


def encryption_keys(folder: Path) -> list[str]:
    """PARLEY_ENCRYPTION_KEYS (the first encrypts, all decrypt), or one kept in the data folder."""
    given = env.list("PARLEY_ENCRYPTION_KEYS", default=[])
    return given or [_kept(folder / "encryption_key", Fernet.generate_key().decode())]


def _kept(path: Path, fresh: str) -> str:
    """The file's content. O_EXCL decides between processes that start at once."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(fresh)
    return fresh
