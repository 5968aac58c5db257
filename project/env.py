"""Reading the environment: `NAME`, or the content of the file that `NAME_FILE` points to; generated keys.

Every variable that Parley reads is listed in docs/configuration.md. What cannot be used is refused by name.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """Whose refusals name the variable. No number is below zero; an empty one is the default."""

    def get_value(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, **how: Any) -> Any:
        is_number = cast in (int, float)
        if is_number and os.environ.get(var) == "":
            return default
        try:
            value = super().get_value(var, cast=cast, default=default, **how)
        except (ValueError, OSError) as error:
            raise unusable(var, error) from error
        if is_number and not value >= 0:
            raise unusable(var, "it is 0 or more")
        return value

    def choice(self, var: str, default: str, *others: str) -> str:
        """One of these words."""
        value: str = self.str(var, default=default)
        if value not in (default, *others):
            raise unusable(var, f"it is one of {', '.join((default, *others))}")
        return value


def unusable(name: str, reason: object) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} cannot be used: {reason}")


env = Environment()


def data_folder() -> Path:
    """PARLEY_DATA: the database, uploads and generated keys live here; made readable by its owner only."""
    folder = Path(env.str("PARLEY_DATA", default="data")).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable("PARLEY_DATA", error) from error
    return folder


def secret_key(folder: Path) -> str:
    """PARLEY_SECRET_KEY, or one that is made once and kept in the data folder."""
    return env.str("PARLEY_SECRET_KEY", default="") or _kept(folder / "secret_key", secrets.token_urlsafe(48))


def encryption_keys(folder: Path) -> list[str]:
    """PARLEY_ENCRYPTION_KEYS (the first encrypts, all decrypt), or one kept in the data folder."""
    given = env.list("PARLEY_ENCRYPTION_KEYS", default=[])
    for key in given:
        _check_key(key)
    return given or [_kept(folder / "encryption_key", Fernet.generate_key().decode())]


def _check_key(key: str) -> None:
    try:
        Fernet(key)
    except ValueError as error:
        raise unusable("PARLEY_ENCRYPTION_KEYS", error) from error


def _kept(path: Path, fresh: str) -> str:
    """The file's content. O_EXCL decides between processes that start at once."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(fresh)
    return fresh
