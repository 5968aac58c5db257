"""What operators are shown first, and how they stop what goes on."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission

from chat.models import AuditEntry, ChatSession, Message, Run
from providers.models import Provider


@pytest.fixture
def operator(alice: Any, client: Any) -> Any:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client.force_login(alice)
    return client


def page(client: Any) -> str:
    return str(client.get("/", headers={"Accept": "text/html"}).content.decode())


def run_of(user: Any, status: str) -> Run:
    session = ChatSession.objects.create(owner=user)
    message = Message.objects.create(session=session, role="assistant", status="running")
    return Run.objects.create(session=session, message=message, user=user, status=status)


def stop(client: Any, *runs: Run) -> Any:
    said = {"action": "stop", "_selected_action": [str(run.pk) for run in runs]}
    return client.post("/admin/chat/run/", said, follow=True)


def test_an_operator_is_led_until_a_provider_works_and_something_was_asked(
    operator: Any, alice: Any, demo: None
) -> None:
    assert "/admin/providers/provider/add/" in page(operator)
    mine = Provider.objects.create(id="mine", kind="openai", label="Mine")
    assert "/admin/providers/provider/mine/change/" in page(operator)
    Provider.objects.filter(pk=mine.pk).update(check_status=Provider.Check.OK)
    assert "steps-title" in page(operator)
    session = ChatSession.objects.create(owner=alice)
    Message.objects.create(session=session, role="user", author=alice)
    assert "steps-title" not in page(operator)


def test_nobody_else_is_led(bob: Any, client: Any, demo: None) -> None:
    client.force_login(bob)
    assert "steps-title" not in page(client)


def test_an_operator_stops_what_goes_on_and_that_is_noted(operator: Any, bob: Any) -> None:
    waiting, over = run_of(bob, "queued"), run_of(bob, "completed")
    answer = stop(operator, waiting, over)
    assert "Asked to stop: 1" in answer.content.decode()
    waiting.refresh_from_db()
    over.refresh_from_db()
    assert (waiting.status, over.status) == ("cancelled", "completed")
    assert AuditEntry.objects.get(action="run.stopped").object_id == str(waiting.pk)


def test_who_may_only_look_at_runs_stops_none(alice: Any, bob: Any, client: Any) -> None:
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_run"))
    client.force_login(alice)
    waiting = run_of(bob, "queued")
    stop(client, waiting)
    waiting.refresh_from_db()
    assert waiting.status == "queued"
