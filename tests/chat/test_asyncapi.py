"""The AsyncAPI document says all that the socket says."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema

from chat import commands, events
from providers.events import Event
from tests.clients import Api, Socket

PROTOCOL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()


async def _document(server: Any) -> dict[str, Any]:
    async with Api(server.url, "") as nobody:
        response = await nobody.http.get("/api/asyncapi/", headers={"Authorization": ""})
    assert response.status_code == 200
    return dict(response.json())


async def test_every_reference_leads_somewhere(server: Any) -> None:
    document = await _document(server)
    for reference in re.findall(r'"\$ref":\s*"#/([^"]+)"', json.dumps(document)):
        place: Any = document
        for step in reference.split("/"):
            place = place[step]


async def test_no_event_and_no_command_is_left_out(server: Any) -> None:
    messages = (await _document(server))["channels"]["socket"]["messages"]
    for kind in [*_leaves(Event), *_leaves(commands.Command)]:
        assert kind.__struct_config__.tag in messages


def _leaves(kind: Any) -> list[Any]:
    below = [leaf for child in kind.__subclasses__() for leaf in _leaves(child)]
    is_own = kind.__module__ in (commands.__name__, events.__name__, Event.__module__)
    return below or ([kind] if is_own else [])


async def test_what_the_socket_says_is_what_the_document_says(server: Any) -> None:
    document = await _document(server)
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        sent = await socket.ask("message.send", client_id="asyncapi", text="Hi", model="demo/reason")
        position = {f"session:{sent['session_id']}": 0}
        await socket.ask("subscribe", session_id=sent["session_id"], position=position)
        frame: dict[str, Any] = {"type": ""}
        while frame["type"] != "finish":
            frame = await socket.event()
            schema = {**document["components"]["messages"][frame["type"]]["payload"], **document}
            jsonschema.validate(frame, schema)
