"""Who did what is kept, from every door, in a chain that shows what was altered."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from chat.actions.audit import audit_append, audit_prune, audit_verify, entries
from chat.models import ApiKey, AuditChain, AuditEntry, ChatSession, Permit
from providers.models import Provider
from tests.cast import make_key

pytestmark = pytest.mark.django_db
CANARY = "sk-canary-audit-0123456789"


def told() -> list[tuple[str, str, str]]:
    return [(entry.action, entry.who, entry.username) for entry in entries()]


def api(user: Any) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key(user)}"})


def test_what_is_done_over_rest_is_told_with_the_key_and_the_address(alice: Any, bob: Any) -> None:
    door, before = api(alice), AuditEntry.objects.count()
    session = door.post("/api/sessions/", {}, "application/json").json()["id"]
    members = f"/api/sessions/{session}/members/"
    assert door.post(members, {"username": "bob", "role": "viewer"}, "application/json").status_code == 201
    key = door.post("/api/keys/", {"name": "laptop"}, "application/json").json()
    assert door.delete(f"/api/keys/{key['id']}/").status_code == 204
    assert door.delete(f"/api/sessions/{session}/").status_code == 204
    found = list(entries(before))
    expected = ["member.created", "key.created", "key.revoked", "session.deleted"]
    assert [entry.action for entry in found] == expected
    assert {(entry.who, entry.username, entry.address) for entry in found} == {("key", "alice", "127.0.0.1")}
    assert found[0].key_id == ApiKey.objects.get(name="test").pk
    assert key["key"] not in json.dumps([entry.details for entry in found])


def test_what_is_done_in_the_admin_is_told_without_secrets(client: Any, admin_user: Any, alice: Any) -> None:
    provider = Provider.objects.create(id="acme", kind="openai-compatible", base_url="https://a.example/v1")
    provider.set_api_key(CANARY)
    provider.save()
    group = Group.objects.create(name="writers")
    client.force_login(admin_user)
    before = AuditEntry.objects.count()
    fields = {"kind": "agent", "name": "poet", "users": [alice.pk], "groups": [group.pk]}
    assert client.post("/admin/chat/permit/add/", fields).status_code == 302
    chosen = {"action": "switch_off", "_selected_action": ["acme"]}
    client.post("/admin/providers/provider/", chosen)
    client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    made, of_users, of_groups, off, gone = entries(before)
    assert (made.action, made.who, made.username) == ("permit.created", "user", "admin")
    assert [of_users.details["added"], of_groups.details["added"]] == [["alice"], ["writers"]]
    assert (off.action, off.object_id, off.details["enabled"]) == ("provider.changed", "acme", False)
    assert (gone.action, gone.details) == ("role.deleted", {"name": "writers"})
    assert CANARY not in json.dumps([entry.details for entry in entries()])


def test_a_change_names_its_fields_and_nothing_is_told_where_nothing_changed(alice: Any) -> None:
    before = AuditEntry.objects.count()
    alice.last_login = timezone.now()
    alice.save()
    alice.set_password("another-pass-word")
    alice.is_staff = True
    alice.save()
    (entry,) = entries(before)
    assert (entry.action, entry.who) == ("user.changed", "system")
    assert entry.details == {"changed": ["password", "is_staff"], "is_staff": True}


def test_signing_in_and_out_and_failing_to_are_told(client: Any, alice: Any) -> None:
    before = AuditEntry.objects.count()
    for name, password in (
        ("alice", "wrong"),
        ("hunter2-in-the-wrong-field", "x"),
        ("alice", "alice-pass-word"),
    ):
        client.post("/login/", {"username": name, "password": password})
    client.post("/logout/")
    known, unknown, came, went = entries(before)
    assert [known.action, unknown.action] == ["user.sign_in_failed"] * 2
    assert (known.object_id, known.who, known.address) == (str(alice.pk), "nobody", "127.0.0.1")
    assert "hunter2" not in json.dumps([unknown.object_id, unknown.username, unknown.details])
    assert [(came.action, came.username), (went.action, went.username)] == [
        ("user.signed_in", "alice"),
        ("user.signed_out", "alice"),
    ]


def test_what_is_undone_is_not_told(alice: Any) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        Permit.objects.create(kind="agent", name="poet")
        raise RuntimeError
    assert AuditEntry.objects.count() == before
    assert audit_verify()[1] is None


def test_what_is_deleted_along_with_something_is_told_by_that(alice: Any, bob: Any) -> None:
    session = ChatSession.objects.create(owner=alice)
    session.members.create(user=bob, role="viewer")
    before = AuditEntry.objects.count()
    session.delete()
    assert [entry.action for entry in entries(before)] == ["session.deleted"]


ALTERATIONS = {
    "its content does not fit its hash": lambda rows: rows.filter(number=3).update(username="mallory"),
    "an entry is missing": lambda rows: rows.filter(number=3).delete(),
    "it does not follow the entry before it": lambda rows: rows.filter(number=3).update(previous="0" * 64),
    "entries are missing at the end": lambda rows: rows.filter(number__gte=3).delete(),
    "entries follow the end": lambda rows: AuditChain.objects.update(number=2, hash=rows.get(number=2).hash),
}


@pytest.mark.parametrize("reason", ALTERATIONS)
def test_the_first_entry_that_was_altered_is_named(reason: str) -> None:
    for number in range(5):
        audit_append("thing.done", number)
    assert audit_verify() == (5, None)
    ALTERATIONS[reason](AuditEntry.objects.all())
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", stderr=said)
    assert ended.value.code == 1
    assert said.getvalue().startswith(f"Entry 3: {reason}")


def test_what_is_old_can_be_deleted_and_the_rest_still_holds() -> None:
    for number in range(5):
        audit_append("thing.done", number)
    middle = AuditEntry.objects.get(number=3)
    assert audit_prune(middle.at + timedelta(microseconds=1)) in (3, 4, 5)
    assert audit_verify()[1] is None
    assert [entry.action for entry in entries()][-1] == "audit.pruned"
    AuditChain.objects.update(anchor_number=F("anchor_number") + 1)
    assert "not signed" in str(audit_verify()[1])


def test_the_export_is_lines_of_json() -> None:
    audit_append("thing.done", "", name="ü")
    out = StringIO()
    call_command("audit", "export", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["details"] == {"name": "ü"}


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain() -> None:
    def write(number: int) -> None:
        try:
            audit_append("thing.done", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    assert sorted(AuditEntry.objects.values_list("object_id", flat=True)) == sorted(map(str, range(40)))
    assert audit_verify() == (40, None)


def test_operators_read_it_over_rest_and_nobody_else(alice: Any, admin_user: Any) -> None:
    audit_append("thing.done", "one")
    audit_append("thing.done", "two")
    operator = api(admin_user)
    page = operator.get("/api/audit/?kind=thing&page_size=1").json()
    assert [row["object_id"] for row in page["results"]] == ["two"]
    assert [row["object_id"] for row in operator.get(page["next"]).json()["results"]] == ["one"]
    assert operator.get("/api/audit/?since=nonsense").json()["error"]["field"] == "since"
    assert (api(alice).get("/api/audit/").status_code, Client().get("/api/audit/").status_code) == (403, 401)


def test_the_admin_shows_it_and_changes_nothing(client: Any, admin_user: Any) -> None:
    client.force_login(admin_user)
    page = "/admin/chat/auditentry/"
    assert b"user.signed_in" in client.get(page).content
    number = AuditEntry.objects.get(action="user.signed_in").pk
    assert client.get(f"{page}{number}/change/").status_code == 200
    assert client.post(f"{page}{number}/change/", {"action": "x"}).status_code == 403
    assert client.post(f"{page}{number}/delete/", {"post": "yes"}).status_code == 403
