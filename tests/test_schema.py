"""Every path of the OpenAPI document, with bodies and parameters that nobody should send: no 5xx, and errors
are JSON."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.clients import Api

ODD: list[Any] = [
    {},
    [],
    None,
    7,
    "text",
    {"text": 7, "title": [], "name": {}, "id": -1, "client_id": None, "tools": "x", "options": []},
    {"client_id": "x" * 101, "text": "\ud83d", "parts": [{"type": "text", "text": 1}], "pace": [1]},
    {"messages": {}, "model": "/", "provider_id": 1e308, "kind": "\u202e", "title": "x" * 100_000},
]
RAW = [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}']
NAMES = ["0", "no-such", str(uuid.UUID(int=0)), "%00", "..%2f..", "x" * 300, "%F0%9F%91%A9", "-1"]
JSON = {"Content-Type": "application/json"}
QUERY = {"after": "-1", "wait": "x", "cursor": "???", "limit": "-5", "dialect": "x", "page": "\x00", "q": "%"}


async def _operations(http: httpx2.AsyncClient) -> list[tuple[str, str]]:
    schema = (await http.get("/api/schema/?format=json")).json()
    return [(method, path) for path, methods in schema["paths"].items() for method in methods]


def _filled(path: str, name: str) -> str:
    while "{" in path:
        path = path[: path.index("{")] + name + path[path.index("}") + 1 :]
    return path


def _check(response: httpx2.Response, what: str) -> None:
    assert response.status_code < 500, f"{what}: {response.text[:500]}"
    if response.status_code >= 400:
        assert "json" in response.headers["content-type"], f"{what}: {response.text[:200]}"
        assert "Traceback" not in response.text


@pytest.fixture
async def operator(own_server: Any) -> AsyncIterator[Api]:
    """Somebody whom no path refuses."""
    own_server.start()
    own_server.keys = own_server.cast()
    code = "from django.contrib.auth import get_user_model as g; "
    code += "g().objects.filter(username='carol').update(is_staff=True, is_superuser=True)"
    own_server.manage("shell", "-c", code)
    async with Api(own_server.url, own_server.keys["carol"]) as api:
        yield api


@pytest.mark.timeout(300)
async def test_no_path_fails_on_odd_names_and_parameters(operator: Api) -> None:
    operations = await _operations(operator.http)
    assert len(operations) > 20
    for method, path in operations:
        for name in NAMES if "{" in path else [""]:
            streams = "events" in path or "feed" in path
            params = QUERY if method == "get" and not streams else {}
            response = await operator.http.request(method, _filled(path, name), params=params)
            _check(response, f"{method} {path} {name}")


@pytest.mark.timeout(300)
async def test_no_path_fails_on_odd_bodies(operator: Api) -> None:
    bodies = [json.dumps(body).encode() for body in ODD] + RAW
    session = await operator.session()
    for method, path in await _operations(operator.http):
        if method not in ("post", "put", "patch"):
            continue
        for name in (session["id"], "demo"):
            for body in bodies if "{" in path or name == "demo" else []:
                response = await operator.http.request(
                    method, _filled(path, name), content=body, headers=JSON
                )
                _check(response, f"{method} {path} {name} {body[:60]!r}")
