"""Bad input gets a JSON error with a stable code, and the socket or the server goes on."""

import json
from typing import Any

import pytest
import websockets

from tests.clients import Api, Socket

BODIES = [
    (b"", None),
    (b"{", "bad_json"),
    (b"[]", "bad_json"),
    (b'"x"', "bad_json"),
    (b'{"title": NaN}', "bad_json"),
    (b'\xef\xbb\xbf{"title": "bom"}', "bad_json"),
    (b'{"title": "\xff"}', "bad_json"),
    (b'{"title": "\\ud800"}', "bad_json"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "bad_json"),
    (b'{"title": ' + b"9" * 1000 + b"}", "bad_json"),
    (b'{"title": 5}', None),
    (b'{"title": "a\\u0000b"}', "nul_character"),
    (b'{"title": "a\\\\u0000b"}', None),
    (b'{"title": {"x": 1}}', "invalid"),
    (b'{"titel": "x"}', "unknown_field"),
    (b'{"title": "' + b"x" * 201 + b'"}', "invalid"),
    (b'{"metadata": "x"}', "invalid"),
]


@pytest.mark.parametrize(("body", "code"), BODIES, ids=range(len(BODIES)))
async def test_rest_bodies(server: Any, body: bytes, code: str | None) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.post(
            "/api/sessions/", content=body, headers={"Content-Type": "application/json"}
        )
    assert response.headers["content-type"] == "application/json"
    assert response.status_code == (400 if code else 201), response.text
    told = response.json().get("error", {})
    assert not code or (told["code"], told["request_id"]) == (code, response.headers["x-request-id"])


SENDS = [
    {"text": "no id"},
    {"client_id": "", "text": "x"},
    {"client_id": 5, "text": "x"},
    {"client_id": "b" * 101, "text": "x"},
    {"client_id": "c"},
    {"client_id": "d", "text": "  "},
    {"client_id": "e", "text": "nul \x00"},
    {"client_id": "f", "text": "x", "options": []},
    {"client_id": "g", "parts": [{"type": "nonsense"}]},
    {"client_id": "h", "text": "x", "parent_id": "no-uuid"},
    {"client_id": "i\x00", "text": "x"},
]


@pytest.mark.parametrize("fields", SENDS, ids=range(len(SENDS)))
async def test_sends(server: Any, fields: dict[str, Any]) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        response = await alice.http.post(f"/api/sessions/{session['id']}/messages/", json=fields)
        messages = await alice.messages(session["id"])
    assert response.status_code in (400, 404)
    assert response.json()["error"]["code"]
    assert not messages


FRAMES = [
    "",
    "x",
    "[]",
    "null",
    "{}",
    '{"type": "nonsense"}',
    '{"type": 5}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "session_id": "no-uuid"}',
    '{"type": "subscribe", "session_id": 5}',
    '{"type": "message.send", "client_id": "x", "text": 5}',
    '{"type": "message.send", "client_id": "x\\ud800", "text": "x"}',
    '{"type": "run.cancel", "run_id": "\\u0000"}',
    '{"type":' * 3000,
    b"binary",
]


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
async def test_frames_are_answered_and_the_socket_stays_open(server: Any, frame: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.connection.send(frame)
        reply = await socket.frame()
        assert (reply["type"], reply["ok"]) == ("reply", False)
        assert reply["error"]["code"]
        assert (await socket.ask("ping"))["type"] == "pong"


async def test_a_frame_over_the_limit_closes_the_socket(server: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.connection.send(json.dumps({"type": "ping", "id": "x" * 1024 * 1024}))
        await socket.connection.wait_closed()
    assert socket.connection.close_code == 1009


NOWHERE = "sessions/00000000-0000-0000-0000-000000000005"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing/", 404, "not_found"),
        ("GET", "/api/sessions/no-uuid/", 404, "not_found"),
        ("GET", f"/api/{NOWHERE}/", 404, "not_found"),
        ("GET", f"/api/{NOWHERE}/events/", 404, "not_found"),
        ("PUT", "/api/sessions/", 405, "method_not_allowed"),
        ("PROPFIND", "/api/sessions/", 405, "method_not_allowed"),
        ("POST", f"/api/{NOWHERE}/events/", 405, "method_not_allowed"),
        ("DELETE", f"/api/{NOWHERE}/feed/", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/api/streaming/chat", 405, "method_not_allowed"),
        ("POST", "/api/sessions/", 415, "unsupported_media_type"),
        ("GET", "/api/sessions/?cursor=nonsense", 400, "invalid"),
        ("GET", "/api/sessions/?running=perhaps", 400, "invalid"),
        ("GET", "/chat/nothing", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "unknown_path"),
        ("PUT", "/v1/chat/completions", 405, "method_not_allowed"),
    ],
)
async def test_odd_requests_are_refused_in_json_even_to_browsers(
    server: Any, method: str, path: str, status: int, code: str
) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        headers = {"Accept": "text/html, */*;q=0.5", "Content-Type": "text/csv"}
        response = await alice.http.request(method, path, headers=headers, content=b"a,b")
    error = response.json()["error"]
    assert (response.status_code, error["code"], bool(error["message"])) == (status, code, True)
    assert path.startswith("/v1/") or error["request_id"] == response.headers["x-request-id"]
    assert status != 405 or response.headers["allow"]


async def test_a_page_of_any_size_may_be_asked_for(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        response = await alice.http.get("/api/sessions/?page_size=100000000")
    assert response.status_code == 200


async def test_a_number_beyond_64_bits_can_be_read_again(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session(metadata={"huge": 1e30})
        sent = await alice.send(session["id"], model="demo/fast", options={"seed": 1e30, "tokens": 1})
        run = await alice.ended(sent["runs"][0]["id"])
        shown = (await alice.http.get(f"/api/sessions/{session['id']}/")).json()
    assert (run["options"]["seed"], shown["metadata"]) == (1e30, {"huge": 1e30})


async def test_a_position_below_zero_and_a_socket_that_is_nowhere_are_refused(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        reply = await socket.ask(
            "subscribe", session_id=session["id"], position={f"session:{session['id']}": -1}
        )
    assert reply["error"]["code"] == "invalid"
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with websockets.connect(f"{server.ws_url}nowhere"):
            pass
    assert caught.value.response.status_code == 403


async def test_a_post_without_its_slash_is_sent_on_as_a_post(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        sent_on = await alice.http.post("/api/sessions", json={"title": "x"})
        made = await alice.http.post("/api/sessions", json={"title": "x"}, follow_redirects=True)
    assert (sent_on.status_code, made.status_code) == (308, 201)
