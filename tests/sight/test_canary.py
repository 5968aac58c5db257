"""The canary goes the way of every answer, and what it loses is counted and told."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.duties import duty_take, duty_tell
from chat.actions.messages import message_send
from chat.commands import SendMessage
from chat.models import Duty, Run
from chat.watch.canary import Listener, _compared
from chat.watch.looking import found
from providers.parts import TextPart
from tests.clients import Api, eventually


async def test_a_canary_is_counted_and_seen_by_nobody(own_server: Any) -> None:
    own_server.environment.update(
        PARLEY_ADMIN_USER="olga",
        PARLEY_ADMIN_PASSWORD="long-enough-pw",
        PARLEY_API_KEY="pk-owner",
        CANARY_MODEL="demo/fast",
        CANARY_SECONDS="0.5",
    )
    own_server.start()
    async with Api(own_server.url, "pk-owner") as owner:

        async def counted() -> bool:
            page = (await owner.http.get("/metrics")).text
            assert not re.search(r'^parley_canaries_total{outcome="lost"}', page, re.M), (
                own_server.log.read_text()
            )
            return bool(re.search(r'^parley_canaries_total{outcome="ok"} [1-9]', page, re.M))

        await eventually(counted)
        assert (await owner.http.get("/api/sessions/")).json()["results"] == []


@pytest.mark.django_db
def test_what_a_viewer_saw_is_held_against_what_is_stored(alice: Any, demo: None) -> None:
    run = message_send(user=alice, session=None, command=SendMessage(client_id="c", text="Hi")).runs[0]
    assert "queued" in _compared(run, Listener())
    Run.objects.update(status=Run.Status.COMPLETED)
    assert _compared(run, Listener()) == ""
    listener = Listener()
    listener.parts = (TextPart(text="What nobody stored."),)
    assert "another text" in _compared(run, listener)
    listener.holes = 1
    assert "holes" in _compared(run, listener)


@pytest.mark.django_db
def test_a_lost_canary_is_an_incident_as_long_as_one_is_sent() -> None:
    assert duty_take(name="canary", owner="one", seconds=60)
    duty_tell(name="canary", told="No end came.")
    assert [(one.kind, one.said) for one in found()] == [("canary_lost", "No end came.")]
    Duty.objects.update(until=timezone.now() - timedelta(days=1))
    assert not found()
