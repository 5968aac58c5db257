"""Whatever is sent to the gateway, the answer is JSON in the door's shape, with a 4xx status."""

from typing import Any

import httpx2
import pytest

BODIES = {
    "nothing": b"",
    "not json": b"{",
    "a list": b"[]",
    "a string": b'"x"',
    "a mark": b'\xef\xbb\xbf{"model": 1}',
    "not a number": b'{"model": NaN}',
    "nul": b'{"model": "m", "input": "\\u0000", "messages": [{"role": "user", "content": "\\u0000"}]}',
    "half a pair": b'{"model": "\\ud800", "messages": [], "input": "x", "max_tokens": 1}',
    "invalid utf-8": b'{"model": "\xff"}',
    "deep": b'{"model": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep where anything goes": b'{"model": "demo/fast", "input": "x", "max_tokens": 1, "metadata": {"a": '
    + b"[" * 5000
    + b"]" * 5000
    + b'}, "messages": [{"role": "user", "content": "x"}]}',
    "a long number": b'{"model": "m", "messages": [], "input": [], "max_tokens": ' + b"9" * 1000 + b"}",
    "wrong types": b'{"model": 5, "messages": {}, "input": 7, "max_tokens": "x", "message": 1, "id": 2}',
}
PATHS = [
    "/v1/chat/completions",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/v1/responses",
    "/api/ag-ui",
    "/api/streaming/chat",
    "/api/streaming/compare",
    "/chat",
    "/chat/stream",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_bad_body_is_told_so(server: Any, path: str) -> None:
    headers = {"Authorization": f"Bearer {server.keys['alice']}", "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        for name, body in BODIES.items():
            answered = await client.post(path, content=body)
            assert 400 <= answered.status_code < 500, (name, answered.status_code, answered.text[:300])
            assert answered.json()["error"]["message"], name


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/v1/responses/resp_1", "/v1/responses/resp_1/cancel"]
)
async def test_what_is_not_there_or_not_taken_is_told_in_json(server: Any, path: str) -> None:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        answered = await client.get(path)
    assert answered.status_code in (404, 405)
    assert answered.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
async def test_a_field_that_is_missing_is_named(server: Any, path: str) -> None:
    headers = {"Authorization": f"Bearer {server.keys['alice']}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        answered = await client.post(path, json={})
    assert (answered.status_code, answered.json()["error"]["param"]) == (400, "model")
