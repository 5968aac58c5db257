"""Every carrier of an identity, over a real server: cookie, Bearer, x-api-key, ticket, the first link."""

import re
from typing import Any

import httpx2
import pytest
import websockets

from tests.clients import Api, Socket


async def _close_code(url: str, **more: Any) -> int:
    async with websockets.connect(url, **more) as connection:
        await connection.wait_closed()
        return int(connection.close_code or 0)


async def _cookie(server: Any, name: str) -> str:
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as browser:
        page = await browser.get("/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"username": name, "password": f"{name}-pass-word", "csrfmiddlewaretoken": token[1]}
        response = await browser.post("/login/", data=form)
        assert response.status_code == 302
        return f"sessionid={browser.cookies['sessionid']}"


async def test_a_socket_without_credentials_is_closed_with_4401(server: Any) -> None:
    assert await _close_code(server.ws_url) == 4401
    assert await _close_code(server.ws_url, additional_headers={"Authorization": "Bearer pk-x"}) == 4401
    assert await _close_code(f"{server.ws_url}?ticket=forged") == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_cookie_from_a_foreign_page_is_closed_with_4403(server: Any, origin: str) -> None:
    cookie = await _cookie(server, "alice")
    assert await _close_code(server.ws_url, additional_headers={"Cookie": cookie}, origin=origin) == 4403


async def test_a_cookie_from_our_own_page_is_let_in(server: Any) -> None:
    cookie = await _cookie(server, "alice")
    async with websockets.connect(
        server.ws_url, additional_headers={"Cookie": cookie}, origin=server.url, subprotocols=["parley.v1"]
    ) as connection:
        assert connection.subprotocol == "parley.v1"
        assert (await Socket(connection).ask("ping"))["type"] == "pong"


async def test_a_ticket_opens_one_socket(server: Any) -> None:
    async with Api(server.url, server.keys["alice"]) as alice:
        ticket = (await alice.http.post("/api/ws-ticket/")).json()["ticket"]
    async with websockets.connect(f"{server.ws_url}?ticket={ticket}") as connection:
        assert (await Socket(connection).ask("ping"))["type"] == "pong"
    assert await _close_code(f"{server.ws_url}?ticket={ticket}") == 4401


async def test_x_api_key_is_as_good_as_bearer(server: Any) -> None:
    async with httpx2.AsyncClient(headers={"x-api-key": server.keys["alice"]}) as http:
        assert (await http.get(f"{server.url}/api/models/")).status_code == 200


async def test_a_write_with_a_cookie_needs_the_csrf_token(server: Any) -> None:
    cookie = await _cookie(server, "alice")
    async with httpx2.AsyncClient(headers={"Cookie": cookie}) as http:
        response = await http.post(f"{server.url}/api/sessions/", json={})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf_failed")


async def test_the_first_link_makes_the_owner_once(new_server: Any) -> None:
    new_server.start()
    link = new_server.setup_link()
    async with httpx2.AsyncClient(base_url=new_server.url) as browser:
        page = await browser.get(link)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"username": "olga", "password1": "long-enough-pw", "password2": "long-enough-pw"}
        made = await browser.post(link, data={**form, "csrfmiddlewaretoken": token[1]})
        assert (made.status_code, made.headers["location"]) == (302, "/")
        assert (await browser.get("/admin/")).status_code == 200
        assert (await browser.get(link)).status_code == 404


async def test_the_environment_makes_the_owner_and_a_key(new_server: Any) -> None:
    new_server.environment.update(
        PARLEY_ADMIN_USER="olga", PARLEY_ADMIN_PASSWORD="long-enough-pw", PARLEY_API_KEY="pk-given"
    )
    new_server.start()
    async with Api(new_server.url, "pk-given") as olga:
        assert (await olga.http.get("/api/sessions/")).status_code == 200
    assert "/setup/" not in new_server.log.read_text()
