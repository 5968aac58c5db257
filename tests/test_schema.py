"""Every operation of the OpenAPI document over a running server, asked by schemathesis in keeping with it and
against it, and with bodies and names that no schema speaks of: no 5xx, and errors are told as documented.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.clients import Api

EXAMPLES = 3  # per operation and mode
RAW = [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'"\\ud800"']
NAMES = ["%00", "..%2f..", "x" * 300, "%F0%9F%91%A9", "-1", str(uuid.UUID(int=0))]
JSON = {"Content-Type": "application/json"}


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


async def document(operator: Api) -> dict[str, Any]:
    return dict((await operator.http.get("/api/schema/?format=json")).json())


def check(status: int, content_type: str, text: str, what: str) -> None:
    assert status < 500, f"{what}: {text[:500]}"
    assert "Traceback" not in text, what
    if status >= 400:
        assert "json" in content_type or content_type.startswith("text/plain"), f"{what}: {text[:200]}"


@pytest.mark.timeout(900)
async def test_no_operation_fails_on_what_the_schema_gives(operator: Api) -> None:
    schema = schemathesis.openapi.from_dict(await document(operator))
    found = [result.ok() for result in schema.get_all_operations()]
    assert len(found) > 60
    for operation in found:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            await asyncio.to_thread(play, operation, mode, str(operator.http.base_url), operator.http.headers)


def play(operation: Any, mode: GenerationMode, url: str, headers: Any) -> None:
    own = {"authorization": headers["authorization"]}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        told = case.call(base_url=url, headers=own)
        content_type = (told.headers.get("content-type") or [""])[0]
        check(told.status_code, content_type, told.text, case.as_curl_command()[:600])

    try:
        asked()
    except Unsatisfiable:  # any text is a name, and no body cannot be wrong
        assert mode is GenerationMode.NEGATIVE and not operation.body, operation.label


@pytest.mark.timeout(900)
async def test_no_operation_fails_on_what_is_no_json_and_no_name(operator: Api) -> None:
    for path, methods in (await document(operator))["paths"].items():
        for method, operation in methods.items():
            for name in NAMES if "{" in path else [""]:
                for body in RAW if "requestBody" in operation and name in ("", NAMES[-1]) else [None]:
                    told = await asked_raw(operator.http, method, filled(path, name), body)
                    check(*told, f"{method} {path} {name} {body and body[:60]!r}")


async def asked_raw(
    http: httpx2.AsyncClient, method: str, path: str, body: bytes | None
) -> tuple[int, str, str]:
    """Status, content type and text; of a stream, which may have no end, its beginning is enough."""
    headers = JSON if body is not None else {}
    async with http.stream(method, path, content=body, headers=headers) as response:
        content_type = response.headers.get("content-type", "")
        ends = "event-stream" not in content_type
        text = (await response.aread()).decode(errors="replace") if ends else ""
        return response.status_code, content_type, text


def filled(path: str, name: str) -> str:
    while "{" in path:
        path = path[: path.index("{")] + name + path[path.index("}") + 1 :]
    return path
