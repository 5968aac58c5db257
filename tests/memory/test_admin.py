"""The operator's word: in the admin, and held to."""

from typing import Any

import pytest
from django.urls import get_resolver

from tests.chat.readers import operate
from tests.clients import Api
from tests.memory.asked import say


@pytest.fixture(autouse=True, scope="module")
def _paths_are_known() -> None:
    """All doors are imported with the first request, for seconds: too long within a transaction."""
    assert get_resolver().url_patterns


def test_the_list_leads_to_the_one_row_and_a_model_has_to_be_there(client: Any, bob: Any, demo: None) -> None:
    bob.is_staff = bob.is_superuser = True
    bob.save()
    client.force_login(bob)
    page = client.get("/admin/chat/memorysettings/", follow=True)
    address = page.redirect_chain[-1][0]
    fields = {"memory_tokens": 800, "response_cache": "off", "response_cache_seconds": 60}
    wrong = client.post(address, {**fields, "model": "nobody/none"})
    right = client.post(address, {**fields, "model": "demo/fast"})
    assert "There is no model" in wrong.content.decode()
    assert right.status_code == 302


async def test_what_the_operator_switched_off_is_not_made(remembering: Any, vendor: Any) -> None:
    await operate(remembering, "MemorySettings(pk=1, titles=False, memory=False).save()")
    try:
        async with Api(remembering.url, remembering.keys["bob"]) as bob:
            await bob.http.post("/api/memory/", json={"text": "The user keeps bees."})
            session = await bob.session()
            await say(bob, session["id"], "What do I keep?")
            runs = (await bob.http.get(f"/api/sessions/{session['id']}/runs/")).json()["results"]
    finally:
        await operate(remembering, "MemorySettings.objects.all().delete()")
    assert [run["kind"] for run in runs] == [""]
    assert "bees" not in str(vendor.requests[-1].body)


async def test_programs_that_keep_exchanges_are_told_nothing(remembering: Any, vendor: Any) -> None:
    async with Api(remembering.url, remembering.keys["bob"]) as bob:
        await bob.http.post("/api/memory/", json={"text": "The user keeps bees."})
        body = {"model": "openai/gpt-fake", "messages": [{"role": "user", "content": "What do I keep?"}]}
        answer = await bob.http.post("/v1/chat/completions", json=body, headers={"X-Parley-Session": "new"})
    bodies = (received.body or {} for received in vendor.requests)
    asked = [body for body in bodies if body.get("model") == "gpt-fake"]
    assert answer.status_code == 200
    assert "bees" not in str(asked[-1])
