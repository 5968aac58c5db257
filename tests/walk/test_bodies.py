"""Ids that lie in bodies, headers and queries: what is somebody else's is told as what never was."""

import uuid
from typing import Any

import pytest

from tests.walk.walking import Walk, fine, gathered

ABSENT = str(uuid.UUID(int=5))
SAID = [{"role": "user", "content": "hello"}]
ANSWER = {"text": "hello", "model": "demo/fast"}
SEND = {"type": "message.send", "id": 1, **ANSWER}

# What the id names, method, path and body; `{id}` is asked about, `{mine}` is a session of the caller's.
BODIES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "message_id",
        "POST",
        "/api/sessions/{mine}/messages/",
        {**ANSWER, "client_id": "b1", "parent_id": "{id}"},
    ),
    (
        "file_id",
        "POST",
        "/api/sessions/{mine}/messages/",
        {"client_id": "b2", "model": "demo/fast", "parts": [{"type": "file", "file_id": "{id}"}]},
    ),
    ("message_id", "PATCH", "/api/sessions/{mine}/", {"leaf_id": "{id}"}),
    (
        "message_id",
        "POST",
        "/api/sessions/{mine}/comments/",
        {"client_id": "b3", "text": "x", "message_id": "{id}"},
    ),
    ("session_id", "POST", "/api/commands/", {**SEND, "client_id": "b4", "session_id": "{id}"}),
    (
        "message_id",
        "POST",
        "/api/commands/",
        {"type": "message.edit", "client_id": "b5", "message_id": "{id}", "text": "x"},
    ),
    (
        "message_id",
        "POST",
        "/api/commands/",
        {"type": "message.regenerate", "client_id": "b6", "message_id": "{id}"},
    ),
    ("run_id", "POST", "/api/commands/", {"type": "run.cancel", "id": 1, "run_id": "{id}"}),
    ("session_id", "POST", "/api/commands/", {"type": "typing", "session_id": "{id}"}),
    (
        "run_id",
        "POST",
        "/v1/responses",
        {"model": "demo/fast", "input": "x", "previous_response_id": "resp_{id}"},
    ),
    ("session_id", "POST", "/novachat", {"message": "hello", "session_id": "{id}"}),
    ("session_id", "POST", "/loomichat", {"message": "hello", "session_id": "{id}"}),
]
# Doors that take the session in a header.
KEPT: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {"model": "demo/fast", "messages": SAID}),
    ("/v1/messages", {"model": "demo/fast", "messages": SAID, "max_tokens": 9}),
]


def with_id(value: Any, id_: str, mine: str) -> Any:
    if isinstance(value, dict):
        return {name: with_id(one, id_, mine) for name, one in value.items()}
    if isinstance(value, list):
        return [with_id(one, id_, mine) for one in value]
    return value.replace("{id}", id_).replace("{mine}", mine) if isinstance(value, str) else value


@pytest.mark.timeout(300)
async def test_ids_of_others_in_bodies_are_told_as_ids_of_nothing(walk: Walk) -> None:
    mine, hers = walk.own["carol"]["session_id"], walk.own["alice"]
    asked = []
    for name, method, path, body in BODIES:
        for id_ in (hers[name], walk.own["gone"][name], ABSENT):
            url, filled = with_id(path, id_, mine), with_id(body, id_, mine)
            asked.append(((path, name, body.get("type")), walk.ask("other", method, url, filled)))
    for path, body in KEPT:
        for id_ in (hers["session_id"], walk.own["gone"]["session_id"], ABSENT):
            sent = walk.ask("other", "POST", path, body, **{"X-Parley-Session": id_})
            asked.append(((path, "header", None), sent))
    answers = await gathered(asked)
    wrong = []
    for at in range(0, len(answers), 3):
        told = [answer for _, answer in answers[at : at + 3]]
        same = len({answer.told for answer in told}) == 1
        if not (same and told[0].status == 404 and all(map(fine, told))):
            wrong.append((answers[at][0], *told))
    assert not wrong, "\n".join(" ".join(map(str, one)) for one in wrong)
