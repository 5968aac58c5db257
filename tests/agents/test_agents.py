"""Agents: set up over the API and as a file, and answering over every kind of door."""

import io
import json
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.clients import Api, read_sse

AGENTS = """
- name: pirate
  label: The pirate
  instructions: Talk like a pirate.
  model: openai/gpt-fake
  options: {temperature: 0.5}
  tools: []
- name: former
  model: openai/gpt-fake
  output_schema: {type: object, properties: {arr: {type: string}}, required: [arr]}
- {name: counter, model: demo/tools, tools: [calculator], max_steps: 1}
- {name: hidden, model: demo/fast, listed: false}
- {name: away, model: demo/fast, enabled: false}
"""


@pytest.fixture(scope="module")
def crew(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("agents") / "agents.yaml"
    file.write_text(AGENTS)
    server.manage("agents_import", str(file))
    return server


async def test_an_agent_brings_instructions_model_and_options(crew: Any, vendor: Any) -> None:
    vendor.play(text="Arr.")
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session = await alice.session(system_prompt="Be brief.")
        sent = await alice.send(session["id"], agent="pirate", options={"seed": 7})
        run = await alice.ended(sent["runs"][0]["id"])
        frames = [frame async for frame in read_sse(alice, run["id"], 0)]
        answer = (await alice.messages(session["id"]))[run["message_id"]]
    asked = vendor.requests[-1].body
    assert asked["messages"][0]["content"] == "Talk like a pirate.\n\nBe brief."
    assert (asked["model"], asked["temperature"], asked["seed"]) == ("gpt-fake", 0.5, 7)
    assert (run["agent"], answer["agent"], answer["text"]) == ("pirate", "pirate", "Arr.")
    assert {frame["agent"] for frame in frames} == {"pirate"}


async def test_an_agents_output_schema_is_asked_for_and_held_to(crew: Any, vendor: Any) -> None:
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session = await alice.session()
        vendor.play(text='{"arr": "yes"}')
        fits = await alice.ended((await alice.send(session["id"], agent="former"))["runs"][0]["id"])
        asked = vendor.requests[-1].body
        vendor.play(text="Arr.")
        other = await alice.ended((await alice.send(session["id"], agent="former"))["runs"][0]["id"])
    assert asked["response_format"]["json_schema"]["schema"]["required"] == ["arr"]
    assert (fits["status"], other["status"]) == ("completed", "failed")


async def test_an_agents_name_is_a_models_name_on_the_openai_and_anthropic_doors(
    crew: Any, vendor: Any
) -> None:
    ask: list[Any] = [{"role": "user", "content": "Who are you?"}]
    sdk = openai.AsyncOpenAI(api_key=crew.keys["alice"], base_url=f"{crew.url}/v1")
    other = anthropic.AsyncAnthropic(api_key=crew.keys["alice"], base_url=crew.url)
    vendor.play(text="Arr.")
    said = await sdk.chat.completions.create(model="pirate", messages=ask)
    told = await other.messages.create(model="pirate", messages=ask, max_tokens=100)
    listed = [model.id async for model in sdk.models.list()]
    one = await sdk.models.retrieve("pirate")
    assert (said.choices[0].message.content, said.model) == ("Arr.", "pirate")
    assert told.content[0].text == "Arr."
    assert vendor.requests[-1].body["messages"][0]["content"] == "Talk like a pirate."
    assert one.id == "pirate" and "pirate" in listed
    assert "hidden" not in listed and "away" not in listed


async def test_a_session_with_an_agent_uses_it_until_another_model_is_named(crew: Any) -> None:
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session = await alice.session(model="hidden")
        sent = await alice.send(session["id"])
        again = await alice.ended(sent["runs"][0]["id"])
        other = await alice.send(session["id"], model="demo/chat", options={"tokens": 3, "rate": 0})
        left = await alice.ended(other["runs"][0]["id"])
        regenerated = await alice.http.post(
            "/api/commands/",
            json={"type": "message.regenerate", "client_id": "r-1", "message_id": again["message_id"]},
        )
    assert (again["agent"], again["model"]) == ("hidden", "fast")
    assert (left["agent"], left["model"]) == ("", "chat")
    assert regenerated.json()["runs"][0]["agent"] == "hidden"


async def test_an_agents_limit_of_steps_ends_its_calls(crew: Any) -> None:
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], "calculator: 1 + 1", agent="counter")
        run = await alice.ended(sent["runs"][0]["id"])
        frames = [frame async for frame in read_sse(alice, run["id"], 0)]
    assert [frame["step"] for frame in frames if frame["type"] == "step-start"] == [1]


@pytest.mark.parametrize("name", ["nobody", "away"])
async def test_an_agent_that_is_not_there_is_refused_by_name(crew: Any, name: str) -> None:
    async with Api(crew.url, crew.keys["alice"]) as alice:
        session = await alice.session()
        body = {"client_id": name, "text": "Hello", "agent": name}
        refused = await alice.http.post(f"/api/sessions/{session['id']}/messages/", json=body)
    assert refused.status_code == 400
    assert (refused.json()["error"]["code"], refused.json()["error"]["field"]) == ("unknown_agent", "agent")


# --- setting them up ----------------------------------------------------------------------

WRONG = [
    ({"name": "a b"}, "name"),
    ({"name": "chat"}, "name"),  # a model of the demo provider
    ({"name": "x", "model": "nobody/none"}, "model"),
    ({"name": "x", "tools": ["no_such_tool"]}, "tools"),
    ({"name": "x", "tools": "calculator"}, "tools"),
    ({"name": "x", "options": []}, "options"),
    ({"name": "x", "output_schema": {"type": 7}}, "output_schema"),
    ({"name": "x", "max_steps": 0}, "max_steps"),
    ({"name": "x", "stages": "one"}, "stages"),
    ({"name": "x", "stages": [{"name": "one", "agents": ["nobody"]}]}, "stages"),
    ({"name": "x", "stages": [{"name": "one", "agents": []}]}, "stages"),
    ({"name": "x", "team": "one"}, "team"),
    ({"name": "x", "team": ["nobody"]}, "team"),
    ({"name": "x", "pace": "no such pace"}, "pace"),
    ({"name": "x", "pace": {"name": "chunked", "chunk_size": 0}}, "pace"),
    ({"name": "x", "timeout_seconds": 0}, "timeout_seconds"),
    ({"name": "x", "speed": 3}, "speed"),
]


def test_operators_set_agents_up_and_everybody_reads_them(
    client: Any, alice: Any, bob: Any, demo: None
) -> None:
    bob.is_staff = bob.is_superuser = True
    bob.save()
    fields = {"name": "helper", "instructions": "Help.", "model": "demo/fast"}
    client.force_login(bob)
    made = client.post("/api/agents/", fields, "application/json")
    changed = client.patch("/api/agents/helper/", {"label": "The helper"}, "application/json")
    client.force_login(alice)
    read = client.get("/api/agents/helper/")
    refused = client.post("/api/agents/", {**fields, "name": "mine"}, "application/json")
    kept = client.delete("/api/agents/helper/")
    client.force_login(bob)
    gone = client.delete("/api/agents/helper/")
    assert (made.status_code, changed.status_code, gone.status_code) == (201, 200, 204)
    assert (read.json()["label"], read.json()["instructions"]) == ("The helper", "Help.")
    assert (refused.status_code, kept.status_code) == (403, 403)
    assert client.get("/api/agents/").json() == {"results": []}


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_what_is_wrong_is_named(client: Any, bob: Any, demo: None, fields: Any, field: str) -> None:
    bob.is_staff = bob.is_superuser = True
    bob.save()
    client.force_login(bob)
    refused = client.post("/api/agents/", json.dumps(fields), "application/json")
    assert refused.status_code == 400
    assert field in json.dumps(refused.json()["error"])


CIRCLES = [
    {"stages": [{"name": "only", "agents": ["one"]}]},
    {"team": ["one"]},
    {"team": ["two"]},  # a workflow in which it works
]


@pytest.mark.parametrize("fields", CIRCLES)
def test_an_agent_that_would_work_for_itself_is_refused(
    client: Any, bob: Any, demo: None, tmp_path: Path, fields: Any
) -> None:
    from django.core.management import CommandError, call_command

    from chat.models import Agent

    bob.is_staff = bob.is_superuser = True
    bob.save()
    client.force_login(bob)
    client.post("/api/agents/", {"name": "one"}, "application/json")
    stages = [{"name": "only", "agents": ["one"]}]
    assert (
        client.post("/api/agents/", {"name": "two", "stages": stages}, "application/json").status_code == 201
    )
    by_rest = client.patch("/api/agents/one/", fields, "application/json").json()["error"]
    file = tmp_path / "agents.json"
    file.write_text(json.dumps([{"name": "one", **fields}]))
    with pytest.raises(CommandError, match="agent_circle"):
        call_command("agents_import", str(file))
    form = {"name": "one", "tools": "null", "options": "{}", "output_schema": "null"}
    key = Agent.objects.get(name="one").pk
    by_admin = client.post(
        f"/admin/chat/agent/{key}/change/",
        {**form, **{name: json.dumps(told) for name, told in fields.items()}},
    )
    assert (by_rest["code"], by_rest["field"]) == ("agent_circle", *fields)
    assert "It would work for itself: one →" in by_admin.content.decode()


def test_a_file_with_one_wrong_agent_changes_nothing(demo: None, tmp_path: Path) -> None:
    from django.core.management import CommandError, call_command

    from chat.models import Agent

    file = tmp_path / "agents.json"
    file.write_text('{"agents": [{"name": "good"}, {"name": "bad", "model": "nobody/none"}]}')
    with pytest.raises(CommandError, match=r"bad: .*model"):
        call_command("agents_import", str(file))
    assert not Agent.objects.exists()


def test_an_export_imported_again_is_equal(demo: None, client: Any, bob: Any, tmp_path: Path) -> None:
    from django.core.management import call_command

    from chat.agents.files import exported
    from chat.agents.shipping import agents_ship
    from chat.models import Agent

    agents_ship()
    before = exported()
    file = tmp_path / "agents.yaml"
    call_command("agents_export", str(file))
    Agent.objects.all().delete()
    call_command("agents_import", str(file))
    bob.is_staff = bob.is_superuser = True
    bob.save()
    client.force_login(bob)
    downloaded = client.get("/admin/chat/agent/export/")
    Agent.objects.all().delete()
    uploaded = client.post("/admin/chat/agent/import/", {"file": io.BytesIO(downloaded.content)})
    broken = client.post("/admin/chat/agent/import/", {"file": io.BytesIO(b"[{}]")})
    assert downloaded.json() == before and uploaded.status_code == 302
    assert exported() == before and "name" in broken.content.decode()


def test_the_admin_makes_an_agent_and_says_what_is_wrong(client: Any, bob: Any, demo: None) -> None:
    bob.is_staff = bob.is_superuser = True
    bob.save()
    client.force_login(bob)
    fields = {
        "name": "helper",
        "model": "demo/fast",
        "tools": "null",
        "options": "{}",
        "output_schema": "null",
    }
    wrong = client.post("/admin/chat/agent/add/", {**fields, "model": "nobody/none"})
    right = client.post("/admin/chat/agent/add/", {**fields, "enabled": "on"})
    assert "There is no model" in wrong.content.decode()
    assert right.status_code == 302
    assert client.get("/api/agents/helper/").json()["tools"] is None
