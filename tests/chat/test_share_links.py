"""Share links: what whoever has one sees, what they do not, and that an ended one is as good as none."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.files import file_create
from chat.models import ChatSession, File, Message, ShareLink

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def said(session: ChatSession, role: str, *parts: dict[str, Any], parent: Message | None = None) -> Message:
    message = Message.objects.create(session=session, parent=parent, role=role, parts=list(parts))
    session.leaf = message
    session.save()
    return message


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


@pytest.fixture
def session(alice: Any) -> ChatSession:
    session = ChatSession.objects.create(owner=alice, title="Trip", system_prompt="Be secret")
    question = said(session, "user", text("Where to?"))
    said(session, "assistant", text(f"To **Hangzhou** {HOSTILE}"), parent=question)
    return session


def share(client: Any, user: Any, session: ChatSession, **fields: Any) -> str:
    client.force_login(user)
    path = f"/api/sessions/{session.id}/links/"
    response = client.post(path, fields, content_type="application/json")
    assert response.status_code == 201, response.content
    client.logout()
    return str(response.json()["url"])


def test_whoever_has_the_link_sees_the_words_and_nothing_runs(alice: Any, client: Any, session: Any) -> None:
    response = client.get(share(client, alice, session))
    page = response.content.decode()
    assert response.status_code == 200
    assert "To **Hangzhou** &lt;script&gt;" in page
    assert HOSTILE not in page and "Be secret" not in page and "alice" not in page
    assert "noindex" in response["X-Robots-Tag"] and response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_snapshot_stays_and_a_live_link_follows(alice: Any, client: Any, session: Any) -> None:
    still, live = share(client, alice, session), share(client, alice, session, live=True)
    before = client.get(live)["ETag"]
    said(session, "user", text("And then?"), parent=session.leaf)
    assert b"And then?" not in client.get(still).content
    assert b"And then?" in client.get(live).content
    assert client.head(live)["ETag"] != before


@pytest.mark.django_db(transaction=True)
def test_only_files_that_are_shown_can_be_fetched(
    alice: Any, client: Any, session: Any, settings: Any, tmp_path: Any
) -> None:
    settings.UPLOADS_DIR = tmp_path
    shown, hidden, foreign = (file_create(owner=alice, data=b"words", name=f"{n}.txt") for n in range(3))
    File.objects.filter(id__in=[shown.id, hidden.id]).update(session=session)
    part = {"type": "file", "media_type": "text/plain", "name": "0.txt"}
    said(
        session,
        "user",
        {**part, "file_id": str(shown.id)},
        {**part, "file_id": str(foreign.id)},
        parent=session.leaf,
    )
    address = share(client, alice, session)
    fetched = client.get(f"{address}/files/{shown.id}/")
    assert (fetched.status_code, fetched["Content-Length"], fetched["Content-Type"][:10]) == (
        200,
        "5",
        "text/plain",
    )
    for other in (hidden, foreign):
        assert client.get(f"{address}/files/{other.id}/").status_code == 404
    assert client.get(f"/api/files/{shown.id}/content/").status_code == 401


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "owner disabled", "never was"])
def test_a_link_that_ended_is_as_good_as_none(alice: Any, client: Any, session: Any, end: str) -> None:
    address = share(client, alice, session)
    assert client.get(address).status_code == 200
    if end == "revoked":
        client.force_login(alice)
        link = client.get(f"/api/sessions/{session.id}/links/").json()["results"][0]["id"]
        assert client.delete(f"/api/sessions/{session.id}/links/{link}/").status_code == 204
        client.logout()
    elif end == "expired":
        ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "deleted":
        client.force_login(alice)
        assert client.delete(f"/api/sessions/{session.id}/").status_code == 204
        client.logout()
    elif end == "owner disabled":
        alice.is_active = False
        alice.save()
    else:
        address = address[:-4] + "AAAA"
    assert client.get(address).status_code == 404


def test_the_token_is_not_kept_and_only_the_owner_makes_links(
    alice: Any, bob: Any, carol: Any, client: Any, session: Any
) -> None:
    token = share(client, alice, session).rsplit("/", 1)[1]
    assert token not in str(list(ShareLink.objects.values()))
    session.members.create(user=bob, role="driver")
    path = f"/api/sessions/{session.id}/links/"
    for user, status in ((bob, 403), (carol, 404)):
        client.force_login(user)
        assert client.get(path).status_code == client.post(path).status_code == status
        assert client.delete(f"{path}{uuid.uuid4()}/").status_code == status


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"expires_at": "2020-01-01T00:00Z"}, "expires_at"),
        ({"x": 1}, "x"),
    ],
)
def test_a_link_for_ever_or_for_never_is_refused(
    alice: Any, client: Any, session: Any, fields: Any, field: str
) -> None:
    client.force_login(alice)
    response = client.post(f"/api/sessions/{session.id}/links/", fields, content_type="application/json")
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


def test_operators_see_links_without_their_words_and_take_them_back(
    client: Any, alice: Any, bob: Any, demo: None
) -> None:
    from django.utils import timezone

    from chat.models import ChatSession, ShareLink

    bob.is_staff = bob.is_superuser = True
    bob.save()
    session = ChatSession.objects.create(owner=alice, title="Between us")
    made = {"session": session, "creator": alice, "digest": "0" * 64, "expires_at": timezone.now()}
    link = ShareLink.objects.create(**made)
    client.force_login(bob)
    listed = client.get("/admin/chat/sharelink/").content.decode()
    asked = {"action": "take_back", "_selected_action": str(link.id)}
    answered = client.post("/admin/chat/sharelink/", asked)
    link.refresh_from_db()
    assert "alice" in listed and "Between us" not in listed and "0000" * 9 not in listed
    assert answered.status_code == 302 and link.revoked_at
