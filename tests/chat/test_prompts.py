"""Prompts that people save for themselves, over REST."""

from typing import Any

import pytest
from django.test import Client

from chat.actions.prompts import MOST
from chat.models import Prompt

JSON: Any = {"content_type": "application/json"}
SUMMARY = {"command": "/Summary", "title": "In short", "text": "Say it in {{number}} words:"}


@pytest.fixture
def door(alice: Any, client: Client) -> Client:
    client.force_login(alice)
    return client


def test_a_prompt_is_saved_under_its_command_changed_and_deleted(door: Client) -> None:
    made = door.post("/api/prompts/", SUMMARY, **JSON)
    assert (made.status_code, made.json()["command"], made.json()["text"]) == (
        201,
        "summary",
        SUMMARY["text"],
    )
    path = f"/api/prompts/{made.json()['id']}/"
    assert door.patch(path, {"command": "总结-2"}, **JSON).json()["command"] == "总结-2"
    assert [one["title"] for one in door.get("/api/prompts/").json()["results"]] == ["In short"]
    assert door.delete(path).status_code == 204
    assert (door.get(path).status_code, door.get("/api/prompts/").json()["results"]) == (404, [])


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"command": "two words"}, "command"),
        ({"command": "/"}, "command"),
        ({"command": "c" * 41}, "command"),
        ({"title": "t" * 101}, "title"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"shared": True}, "shared"),
    ],
)
def test_what_is_no_prompt_is_refused_by_its_field(door: Client, fields: Any, named: str) -> None:
    refused = door.post("/api/prompts/", {**SUMMARY, **fields}, **JSON)
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, named)
    assert not Prompt.objects.exists()


def test_a_command_is_one_persons_once_and_there_is_room_for_so_many(
    door: Client, alice: Any, bob: Any
) -> None:
    Prompt.objects.create(user=bob, command="summary", text="His own.")
    assert door.post("/api/prompts/", SUMMARY, **JSON).status_code == 201
    again = door.post("/api/prompts/", SUMMARY, **JSON)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "command_taken")
    Prompt.objects.bulk_create(Prompt(user=alice, command=f"p{n}", text="x") for n in range(1, MOST))
    full = door.post("/api/prompts/", {**SUMMARY, "command": "more"}, **JSON)
    assert (full.status_code, full.json()["error"]["code"]) == (409, "prompts_full")


def test_prompts_go_with_their_persons_account(door: Client, alice: Any) -> None:
    door.post("/api/prompts/", SUMMARY, **JSON)
    alice.delete()
    assert not Prompt.objects.exists()
