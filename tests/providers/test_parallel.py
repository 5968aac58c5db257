"""Many who register the same provider at once get one provider."""

import asyncio
from typing import Any

import httpx2

KEY = "pk-of-the-operator-0123456789"
ADMIN = {"PARLEY_ADMIN_USER": "root", "PARLEY_ADMIN_PASSWORD": "a-long-pass-word", "PARLEY_API_KEY": KEY}
ACME = {"provider_id": "acme", "provider_type": "demo", "model_name": "chat"}


async def test_one_is_made_and_the_others_find_it(own_server: Any) -> None:
    own_server.environment.update(ADMIN)
    own_server.start()
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(base_url=own_server.url, headers=headers, timeout=60) as http:
        answers = await asyncio.gather(
            *(http.post("/api/streaming/providers/register", json=ACME) for _ in range(10))
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
