"""An answer that nobody keeps ends soon after its caller's rights did."""

import asyncio
from typing import Any

import httpx2
import pytest
import websockets

from tests.chat.readers import operate
from tests.clients import eventually
from tests.gateway.leaving import closed
from tests.gateway.test_guide_socket import guide

ASK = [{"role": "user", "content": "go on"}]
SOON = 100  # seconds; ends what would hang. The promise is 5, which a busy machine may miss


@pytest.mark.parametrize(
    "change",
    [
        "ApiKey.objects.filter(user__username='alice').update(revoked_at='2020-01-01T00:00Z')",
        "ApiKey.objects.get(user__username='alice').user.__class__.objects.update(is_active=False)",
    ],
    ids=["revoked", "disabled"],
)
async def test_what_is_being_answered_ends_with_the_right_to_it(
    own_server: Any, vendor: Any, change: str
) -> None:
    own_server.start()
    own_server.keys = own_server.cast()
    vendor.play(pieces=["word "] * 20000, rate=50)
    headers = {"Authorization": f"Bearer {own_server.keys['alice']}"}
    body = {"model": "openai/gpt-fake", "messages": ASK, "stream": True}
    async with (
        asyncio.timeout(SOON * 2),
        guide(own_server) as socket,
        httpx2.AsyncClient(base_url=own_server.url, headers=headers, timeout=60) as http,
        http.stream("POST", "/v1/chat/completions", json=body) as answer,
    ):
        lines = answer.aiter_lines()
        assert (await anext(lines)).startswith("data: ")
        upstream = vendor.requests[-1]
        await socket.say("chat_request", messages=ASK, provider_id="openai/gpt-fake")
        await operate(own_server, change)
        rest = [line async for line in lines]
        await eventually(lambda: closed(upstream))
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await socket.hear()
    assert any("not_signed_in" in line for line in rest)
    assert socket.connection.close_code == 4401
