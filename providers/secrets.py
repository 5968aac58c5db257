"""A secret that does not show itself, and its encryption at rest.

Keys come from `PARLEY_ENCRYPTION_KEYS`: the first one encrypts, all of them decrypt, so that a key can be
changed while both are valid. They are independent of Django's secret key.
"""
# ruff: noqa: N818  (the names say what happened; that it is an error, the tree says)

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

HINT_LENGTH: Final = 4  # characters of a stored key that may be shown
SHORTEST: Final = 8  # characters of a header's value; shorter ones are no secrets, and in every text


class Secret:
    """A string that is printed, logged and repr'd as dots. `reveal()` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    @property
    def hint(self) -> str:
        """The last characters, or nothing where they would give too much of the key away."""
        return self._value[-HINT_LENGTH:] if len(self._value) >= 4 * HINT_LENGTH else ""

    def removed_from(self, text: str) -> str:
        """The text without the secret in it: upstreams like to repeat a key that they reject."""
        return text.replace(self._value, "••••") if self._value else text

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('••••')" if self._value else "Secret('')"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not serialised")


def without_values(text: str, values: Iterable[str]) -> str:
    """The text without what may hold secrets, and without the words of it: `Basic …` is two."""
    words = {word for value in values for word in (value, *value.split()) if len(word) >= SHORTEST}
    for word in sorted(words, key=len, reverse=True):
        text = Secret(word).removed_from(text)
    return text


class SecretUnreadable(Exception):
    """A stored secret was encrypted under a key that is no longer in PARLEY_ENCRYPTION_KEYS."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(secret: Secret) -> str:
    if not secret:
        return ""
    return _cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(secret.reveal().encode()).decode()


def decrypt(token: str) -> Secret:
    if not token:
        return Secret()
    try:
        return Secret(_cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode())
    except InvalidToken:
        raise SecretUnreadable(
            "A stored secret cannot be read: its key is missing from PARLEY_ENCRYPTION_KEYS."
        ) from None


def is_current(token: str) -> bool:
    """Whether a token was made with the first of the keys. Raises SecretUnreadable where none fits."""
    decrypt(token)
    try:
        _cipher(tuple(settings.ENCRYPTION_KEYS[:1])).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def reencrypted(token: str) -> str:
    """The same secret under the first of the keys."""
    return encrypt(decrypt(token))
