"""What a user sends with a message changes neither where it goes nor what it is signed with."""

from typing import Any

import pytest

from tests.clients import Api

ATTACKS: dict[str, Any] = {
    "base_url": "http://127.0.0.1:9/v1",
    "api_base": "http://127.0.0.1:9/v1",
    "api_key": "sk-of-the-attacker",
    "organization": "attacker",
    "headers": {"authorization": "Bearer sk-of-the-attacker", "x-attack": "1"},
    "extra_headers": {"authorization": "Bearer sk-of-the-attacker", "x-attack": "1"},
    "default_headers": {"x-attack": "1"},
    "extra_query": {"x-attack": "1"},
    "extra_body": {"x-attack": "1"},
    "proxy": "http://127.0.0.1:9",
    "timeout": 0.001,
    "url": "http://127.0.0.1:9",
}


@pytest.mark.parametrize("model", ["openai/gpt-fake", "anthropic/claude-fake"])
@pytest.mark.parametrize("name", ATTACKS)
async def test_no_option_moves_a_request(server: Any, vendor: Any, model: str, name: str) -> None:
    vendor.play(pieces=["Hello"])
    before = len(vendor.requests)
    async with Api(server.url, server.keys["alice"]) as api:
        session = await api.session()
        body = {
            "client_id": f"{model} {name}",
            "text": "Hi",
            "model": model,
            "options": {name: ATTACKS[name]},
        }
        answer = await api.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
        assert answer.status_code in (201, 400)
        if answer.status_code == 201:
            await api.ended(answer.json()["runs"][0]["id"])
    for received in vendor.requests[before:]:
        assert "attack" not in f"{received.path}{received.headers}{received.body}".lower()
        assert "sk-canary" in str(received.headers)
