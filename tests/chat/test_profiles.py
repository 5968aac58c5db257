"""What a person is called by others, and who may say so."""

from typing import Any

import pytest

from chat.accounts.names import display_name
from chat.errors import Invalid


def call(client: Any, name: str) -> Any:
    return client.patch("/api/me/", {"name": name}, content_type="application/json")


def test_a_chosen_name_is_shown_until_it_is_taken_back(alice: Any, client: Any) -> None:
    client.force_login(alice)
    assert client.get("/api/me/").json()["name"] == "alice"
    named = call(client, "  Alice  王小明 ")
    assert named.json() == {
        "id": str(alice.pk),
        "name": "Alice 王小明",
        "username": "alice",
        "role": "member",
    }
    session = client.post("/api/sessions/", {"title": "Bees"}, content_type="application/json").json()
    assert session["owner"] == {"id": str(alice.pk), "name": "Alice 王小明"}
    assert "Alice 王小明" in client.get("/settings", headers={"accept": "text/html"}).content.decode()
    assert call(client, "").json()["name"] == "alice"


def test_nobody_takes_the_username_of_somebody_else(alice: Any, bob: Any, client: Any) -> None:
    client.force_login(alice)
    for name in ("bob", "BOB", "Ｂｏｂ", "b\u200dob"):
        refused = call(client, name)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "name_taken")
    assert call(client, "Bobby").status_code == call(client, "Alice").status_code == 200


@pytest.mark.parametrize(
    "name", ["x" * 61, "a\u202eb", "a\nb", "a\u2066b", "\u3164", "\u200d", "\ufeffann", None]
)
def test_a_name_that_deceives_the_eye_is_refused(name: Any, alice: Any, client: Any) -> None:
    client.force_login(alice)
    refused = call(client, name)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "name")
    assert client.get("/api/me/").json()["name"] == "alice"


@pytest.mark.parametrize(
    "name", ["Zoë", "Jean-Luc O’Neill", "王小明", "عائشة", "نیم\u200cفاصله", "👩\u200d💻 Ann", "R2"]
)
def test_names_of_every_script_are_taken(name: str) -> None:
    assert display_name(name) == name


def test_a_name_that_is_only_marks_is_none() -> None:
    with pytest.raises(Invalid):
        display_name("\u0301\u0301")


def test_a_key_that_may_only_chat_changes_no_name(alice: Any, client: Any) -> None:
    from chat.actions.keys import key_create

    key = key_create(user=alice, scopes=["read", "chat"])[1]
    headers = {"authorization": f"Bearer {key}"}
    assert client.get("/api/me/", headers=headers).json()["username"] == "alice"
    refused = client.patch("/api/me/", {"name": "Al"}, content_type="application/json", headers=headers)
    assert refused.status_code == 403
