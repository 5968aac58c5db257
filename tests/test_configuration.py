"""What is wrong with the environment is told at the start, by the variable's name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.databases import databases
from project.env import encryption_keys, env
from tests.prepared import ROOT


@pytest.mark.parametrize("value", ["ten", "-1", "nan"])
def test_a_number_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("RUN_CONCURRENCY", value)
    with pytest.raises(ImproperlyConfigured, match="RUN_CONCURRENCY cannot be used"):
        env.float("RUN_CONCURRENCY", default=1.0)


def test_an_empty_number_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_CONCURRENCY", "")
    assert env.int("RUN_CONCURRENCY", default=7) == 7


def test_a_word_that_is_none_of_those_is_refused_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSION_END", "burn")
    with pytest.raises(ImproperlyConfigured, match="archive, delete"):
        env.choice("SESSION_END", "archive", "delete")


def test_a_file_that_is_not_there_a_broken_key_and_an_odd_address_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SESSION_END_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("PARLEY_ENCRYPTION_KEYS", "short")
    monkeypatch.setenv("DATABASE_URL", "somewhere")
    with pytest.raises(ImproperlyConfigured, match="SESSION_END cannot be used"):
        env.choice("SESSION_END", "archive", "delete")
    with pytest.raises(ImproperlyConfigured, match="PARLEY_ENCRYPTION_KEYS cannot be used"):
        encryption_keys(tmp_path)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL cannot be used"):
        databases(tmp_path)


def test_the_start_ends_with_one_line(tmp_path: Path) -> None:
    wrong = {**os.environ, "PARLEY_DATA": str(tmp_path), "PORT": "many"}
    ended = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=wrong, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Parley is not set up right: PORT cannot be used")
    assert "Traceback" not in ended.stderr
