"""Operators who set providers up over the API."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.cast import make_key


class Api:
    """Requests with one API key; answers are (status, JSON)."""

    def __init__(self, key: str) -> None:
        self._client = Client(headers={"authorization": f"Bearer {key}"})

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = b"" if body is None else json.dumps(body)
        answer = self._client.generic(method, f"/api/{path}", data, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_superuser("operator")


@pytest.fixture
def api(operator: User) -> Api:
    return Api(make_key(operator))


@pytest.fixture
def stranger(alice: Any) -> Api:
    """Somebody with a key and without the rights of staff."""
    return Api(make_key(alice))
