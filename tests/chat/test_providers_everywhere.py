"""What one process is told of providers, another one beside it goes by."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from providers import briefly
from tests.clients import eventually

KEY = "pk-of-the-operator-0123456789"
ADMIN = {"PARLEY_ADMIN_USER": "root", "PARLEY_ADMIN_PASSWORD": "a-long-pass-word", "PARLEY_API_KEY": KEY}


@pytest.fixture
async def two(own_server: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, httpx2.AsyncClient]]:
    own_server.environment.update(ADMIN)
    own_server.start()
    other = own_server.beside()
    headers = {"Authorization": f"Bearer {KEY}"}
    try:
        async with (
            httpx2.AsyncClient(base_url=own_server.url, headers=headers, timeout=60) as one,
            httpx2.AsyncClient(base_url=other.url, headers=headers, timeout=60) as another,
        ):
            yield one, another
    finally:
        other.kill()


async def sent_to(client: httpx2.AsyncClient, model: str) -> int:
    session = (await client.post("/api/sessions/", json={})).json()["id"]
    message = {"client_id": f"c-{time.monotonic_ns()}", "text": "Hello", "model": model}
    return (await client.post(f"/api/sessions/{session}/messages/", json=message)).status_code


async def test_a_change_is_effective_in_every_process_without_a_restart(
    two: tuple[httpx2.AsyncClient, httpx2.AsyncClient],
) -> None:
    one, another = two
    assert briefly.SECONDS < 2  # the only thing that keeps an older answer
    assert await sent_to(another, "acme/chat") == 404
    acme = {"provider_id": "acme", "provider_type": "demo", "model_name": "chat"}
    assert (await one.post("/api/streaming/providers/register", json=acme)).status_code == 201
    assert await sent_to(another, "acme/chat") == 201
    assert (await one.patch("/api/providers/acme/", json={"enabled": False})).status_code == 200

    async def refused() -> bool:
        return await sent_to(another, "acme/chat") == 404

    await eventually(refused)
