"""Archiving, pinning, and sessions that end by themselves."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.files import file_create
from chat.actions.lifetimes import lifetime_set, sessions_expire
from chat.actions.sessions import session_update
from chat.files.store import path_of
from chat.models import ChatSession, File, Message, Run, SearchText, StreamEvent
from chat.searching import found

DAY = timedelta(days=1)


def session_of(user: Any, *, idle: int = 0, age: int = 0, **fields: Any) -> ChatSession:
    session = ChatSession.objects.create(owner=user, title="Old", **fields)
    now = timezone.now()
    times = {"updated_at": now - DAY * idle, "created_at": now - DAY * max(age, idle)}
    ChatSession.objects.filter(id=session.id).update(**times)
    return session


def test_what_is_archived_leaves_the_list_and_comes_back(alice: Any, client: Any) -> None:
    client.force_login(alice)
    session = session_of(alice, idle=3)
    path, listed = (
        f"/api/sessions/{session.id}/",
        lambda query="": client.get(f"/api/sessions/{query}").json()["results"],
    )
    before = listed()[0]["updated_at"]
    shown = client.patch(path, {"archived": True, "pinned": True}, content_type="application/json").json()
    assert (shown["archived"], shown["pinned"], shown["updated_at"]) == (True, True, before)
    assert listed() == []
    assert [one["id"] for one in listed("?archived=true&pinned=1")] == [str(session.id)]
    assert client.get("/api/sessions/?archived=perhaps").status_code == 400
    client.patch(path, {"archived": False}, content_type="application/json")
    assert len(listed()) == 1


def test_what_is_filed_keeps_its_place_in_time_and_is_listed(alice: Any, client: Any) -> None:
    client.force_login(alice)
    session, _ = session_of(alice, idle=3), session_of(alice)
    path, said = f"/api/sessions/{session.id}/", {"content_type": "application/json"}
    before = client.get(path).json()["updated_at"]
    shown = client.patch(path, {"folder": "Work"}, **said).json()
    assert (shown["folder"], shown["updated_at"]) == ("Work", before)
    assert [one["id"] for one in client.get("/api/sessions/?filed=true").json()["results"]] == [
        str(session.id)
    ]
    assert client.patch(path, {"folder": "x" * 81}, **said).json()["error"]["field"] == "folder"


def test_idle_sessions_are_archived_as_the_operator_has_it(alice: Any, settings: Any) -> None:
    settings.SESSION_IDLE_DAYS = 30
    old, fresh = session_of(alice, idle=31), session_of(alice, idle=29)
    pinned, busy = session_of(alice, idle=31, pinned_at=timezone.now()), session_of(alice, idle=31)
    answer = Message.objects.create(session=busy, role="assistant", status="running")
    Run.objects.create(session=busy, message=answer, user=alice, status="running")
    assert sessions_expire() == 1
    assert sessions_expire() == 0
    gone = ChatSession.objects.filter(archived_at__isnull=False)
    assert set(gone) == {old} and {fresh, pinned, busy}.isdisjoint(gone)


def test_people_choose_for_their_own_sessions_alone(alice: Any, bob: Any, client: Any, settings: Any) -> None:
    settings.SESSION_TOTAL_DAYS = 100
    client.force_login(alice)
    wish = {"idle_days": 5, "total_days": 0, "end": "delete"}
    answer = client.patch("/api/settings/lifetimes/", wish, content_type="application/json")
    assert answer.json() == client.get("/api/settings/lifetimes/").json() == wish
    hers, kept = session_of(alice, idle=6), session_of(alice, idle=1, age=200)
    his, his_old = session_of(bob, idle=6), session_of(bob, age=101)
    assert sessions_expire() == 2
    assert set(ChatSession.objects.filter(archived_at=None)) == {kept, his}
    assert not ChatSession.objects.filter(id=hers.id).exists()
    assert ChatSession.objects.filter(id=his_old.id).exists()
    bad = client.patch("/api/settings/lifetimes/", {"idle_days": -1}, content_type="application/json")
    assert (bad.status_code, bad.json()["error"]["field"]) == (400, "idle_days")


@pytest.mark.django_db(transaction=True)
def test_deletion_takes_files_events_and_texts_along(alice: Any, settings: Any, tmp_path: Any) -> None:
    settings.UPLOADS_DIR = tmp_path
    lifetime_set(user=alice, idle_days=5, end="delete")
    session = session_of(alice)
    Message.objects.create(session=session, role="user", parts=[{"type": "text", "text": "quokka"}])
    session_update(session=session, title="Marsupials")
    file = file_create(owner=alice, data=b"words", name="a.txt")
    File.objects.filter(id=file.id).update(session=session)
    assert found(alice, "quokka").count() == 1
    long_ago = timezone.now() - DAY * 6
    ChatSession.objects.filter(id=session.id).update(updated_at=long_ago)
    assert sessions_expire() == 0, "it may speak of long ago, but came only now"
    ChatSession.objects.filter(id=session.id).update(created_at=long_ago)
    assert sessions_expire() == 1
    assert not SearchText.objects.exists() and not StreamEvent.objects.filter(stream=session.stream).exists()
    assert not File.objects.filter(id=file.id).exists() and not path_of(file.id).exists()
