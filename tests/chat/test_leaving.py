"""Who may not be here any longer is sent away within seconds; who asks for too much at once, too."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import websockets

from tests.chat.readers import Reader, operate
from tests.chat.test_signing_in import _cookie
from tests.clients import Api, Socket

SOON = 100  # seconds; ends what would hang. The promise is 5, which a busy machine may miss


@pytest.fixture
async def fresh(own_server: Any) -> AsyncIterator[Any]:
    """A server whose people and keys the test may change."""
    own_server.environment.update(SOCKETS_PER_USER="3")
    own_server.start()
    own_server.keys = own_server.cast()
    yield own_server


async def _closed(socket: Socket) -> int:
    async with asyncio.timeout(SOON):
        await socket.connection.wait_closed()
    return int(socket.connection.close_code)


async def _ended(server: Any, name: str, path: str) -> bytes:
    """The body of a stream, once the server ended it."""
    async with Api(server.url, server.keys[name]) as api, asyncio.timeout(SOON):
        headers = {"Accept": "text/event-stream"}
        async with api.http.stream("GET", path, headers=headers) as response:
            return b"".join([chunk async for chunk in response.aiter_bytes()])


@pytest.mark.parametrize(
    "change",
    [
        "ApiKey.objects.filter(user__username='bob').update(revoked_at='2020-01-01T00:00Z')",
        "ApiKey.objects.filter(user__username='bob').update(expires_at='2020-01-01T00:00Z')",
        "ApiKey.objects.filter(user__username='bob').delete()",
        "ApiKey.objects.get(user__username='bob').user.__class__.objects.update(is_active=False)",
    ],
    ids=["revoked", "expired", "deleted", "disabled"],
)
async def test_a_key_that_is_good_no_longer_ends_what_is_open(fresh: Any, change: str) -> None:
    async with Api(fresh.url, fresh.keys["bob"]) as bob:
        session = await bob.session()
    path = f"/api/sessions/{session['id']}/events/"
    async with await Socket.open(fresh.ws_url, fresh.keys["bob"]) as socket:
        stream = asyncio.create_task(_ended(fresh, "bob", path))
        assert (await socket.ask("ping"))["type"] == "pong"
        await operate(fresh, change)
        assert await _closed(socket) == 4401
        await stream


async def test_signing_out_closes_the_sockets_of_that_browser_only(server: Any) -> None:
    async with _two_browsers(server, "alice") as (cookie, own, other):
        await _post(server, cookie, "/logout/")
        assert await _closed(own) == 4401
        assert (await other.ask("ping"))["type"] == "pong"


async def test_signing_out_everywhere_else_closes_the_sockets_of_all_but_this_browser(server: Any) -> None:
    async with _two_browsers(server, "carol") as (cookie, own, other):
        await _post(server, cookie, "/account/sessions/")
        assert await _closed(other) == 4401
        assert (await own.ask("ping"))["type"] == "pong"


@asynccontextmanager
async def _two_browsers(server: Any, name: str) -> AsyncIterator[tuple[str, Socket, Socket]]:
    """The cookie and the socket of one, and the socket of the other."""
    cookie, other = await _cookie(server, name), await _cookie(server, name)
    async with (
        websockets.connect(server.ws_url, additional_headers={"Cookie": cookie}) as first,
        websockets.connect(server.ws_url, additional_headers={"Cookie": other}) as second,
    ):
        yield cookie, Socket(first), Socket(second)


async def _post(server: Any, cookie: str, path: str) -> None:
    headers = {"Cookie": cookie, "Accept": "text/html"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as browser:
        page = await browser.get("/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        both = {"Cookie": f"{cookie}; csrftoken={page.cookies['csrftoken']}"}
        form = {"csrfmiddlewaretoken": token[1]}
        assert (await browser.post(path, data=form, headers=both)).status_code == 302


async def test_a_changed_password_closes_what_older_cookies_opened(fresh: Any) -> None:
    cookie = await _cookie(fresh, "bob")
    async with websockets.connect(fresh.ws_url, additional_headers={"Cookie": cookie}) as connection:
        assert (await Socket(connection).ask("ping"))["type"] == "pong"
        await operate(
            fresh,
            "bob = ApiKey.objects.get(user__username='bob').user; bob.set_password('another'); bob.save()",
        )
        assert await _closed(Socket(connection)) == 4401


async def test_leaving_a_session_ends_its_subscription_and_its_streams(fresh: Any) -> None:
    async with Api(fresh.url, fresh.keys["alice"]) as alice, Api(fresh.url, fresh.keys["bob"]) as bob:
        shared, own = await alice.session(), await bob.session()
        member = f"session_id='{shared['id']}', user=ApiKey.objects.get(user__username='bob').user"
        await operate(fresh, f"SessionMember.objects.create({member})")
        async with await Reader.open(fresh, shared["id"], "bob") as reader:
            await reader.socket.ask("subscribe", session_id=own["id"])
            stream = asyncio.create_task(_ended(fresh, "bob", f"/api/sessions/{shared['id']}/events/"))
            await operate(fresh, "SessionMember.objects.all().delete()")
            frame = await _frame(reader.socket, "unsubscribed")
            assert (frame["session_id"], frame["error"]["code"]) == (shared["id"], "not_found")
            await stream
            await bob.send(own["id"], model="demo/fast")
            assert (await _frame(reader.socket, "run-added"))["session_id"] == own["id"]


async def test_a_deleted_session_says_goodbye_and_is_not_there(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        session = await alice.session()
        sent = await alice.send(session["id"], model="demo/fast")
        await alice.ended(sent["runs"][0]["id"])
        async with await Reader.open(server, session["id"]) as reader:
            await alice.http.delete(f"/api/sessions/{session['id']}/")
            assert (await _frame(reader.socket, "unsubscribed"))["session_id"] == session["id"]
            for command, fields in (
                ("subscribe", {"session_id": session["id"]}),
                ("message.send", {"session_id": session["id"], "client_id": "late", "text": "x"}),
                ("message.edit", {"message_id": sent["message"]["id"], "client_id": "late", "text": "x"}),
                ("run.cancel", {"run_id": sent["runs"][0]["id"]}),
            ):
                assert (await reader.socket.ask(command, **fields))["error"]["code"] == "not_found"


async def _frame(socket: Socket, type_: str) -> dict[str, Any]:
    async with asyncio.timeout(SOON):
        while (frame := await socket.frame())["type"] != type_:
            pass
    return frame


async def test_one_socket_too_many_is_closed_with_4429(fresh: Any) -> None:
    sockets = [await Socket.open(fresh.ws_url, fresh.keys["alice"]) for _ in range(3)]
    for socket in sockets:
        await socket.ask("ping")
    assert await _closed(await Socket.open(fresh.ws_url, fresh.keys["alice"])) == 4429
    async with await Socket.open(fresh.ws_url, fresh.keys["bob"]) as another:
        assert (await another.ask("ping"))["type"] == "pong"
    for socket in sockets:
        await socket.connection.close()


async def test_a_flood_of_commands_is_closed_with_4013(server: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        for _ in range(1000):
            await socket.connection.send('{"type": "ping"}')
        assert await _closed(socket) == 4013
        assert "a second" in socket.connection.close_reason


async def test_a_frame_over_the_limit_is_told_so(server: Any) -> None:
    async with await Socket.open(server.ws_url, server.keys["alice"]) as socket:
        await socket.connection.send(json.dumps({"type": "ping", "id": "x" * 1024 * 1024}))
        assert await _closed(socket) == 1009


async def test_a_server_that_goes_says_so(own_server: Any) -> None:
    own_server.environment.update(DRAIN_SECONDS="0")
    own_server.start()
    own_server.keys = own_server.cast()
    async with await Socket.open(own_server.ws_url, own_server.keys["alice"]) as socket:
        await socket.ask("ping")
        own_server.process.terminate()
        assert (await socket.frame())["type"] == "goaway"
        assert await _closed(socket) == 1012
