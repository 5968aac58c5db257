"""A secret stays one, in memory and at rest."""

import copy
import json
import pickle
import traceback

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from providers.contract import ProviderConfig
from providers.secrets import Secret, SecretUnreadable, decrypt, encrypt

KEY = "sk-very-secret-key-1234"


def test_nothing_printed_shows_the_key() -> None:
    secret = Secret(KEY)
    config = ProviderConfig(provider_id="p", kind="openai", api_key=secret)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        repr(config),
        repr([secret]),
    ]
    assert not any("secret-key" in text for text in shown)
    assert secret.reveal() == KEY


def test_a_secret_is_not_serialised() -> None:
    for serialise in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            serialise(Secret(KEY))


def test_a_traceback_does_not_show_it() -> None:
    try:
        raise ValueError(Secret(KEY))
    except ValueError:
        assert "secret-key" not in traceback.format_exc()


@pytest.mark.parametrize(("value", "hint"), [(KEY, "1234"), ("short-key", ""), ("", "")])
def test_the_hint_gives_little_away(value: str, hint: str) -> None:
    assert Secret(value).hint == hint


def test_it_comes_back_from_rest() -> None:
    token = encrypt(Secret(KEY))
    assert KEY not in token
    assert decrypt(token) == Secret(KEY)
    assert encrypt(Secret()) == ""
    assert decrypt("") == Secret()


def test_keys_are_rotated_and_lost_ones_are_said_so(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    token = encrypt(Secret(KEY))
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(token) == Secret(KEY)
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(SecretUnreadable):
        decrypt(token)
