"""Runs that tempt a server to say more than it should: upstreams that repeat what they were sent, break off,
lie and stay silent; settings that do not hold; tools that cannot be reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.canaries.pages import sign_in
from tests.canaries.places import Left
from tests.canaries.words import ADMIN_KEY, HEADER, LOGIN, PASSWORD, STORED, TOOLS, VENDOR
from tests.clients import Api, Socket, read_sse

SAID: Final = f"You sent the key {STORED} and x-gateway-key: Basic {HEADER}"
ERROR: Final = {"error": {"message": SAID, "type": SAID, "code": STORED, "param": HEADER}}
SCRIPTS: Final[dict[str, dict[str, Any]]] = {
    "well": {"text": "It is well."},
    "refused": {"status": 401, "body": ERROR, "headers": {"x-request-id": STORED, "www-authenticate": SAID}},
    "busy": {"status": 429, "body": ERROR, "headers": {"retry-after": "0", "x-request-id": HEADER}},
    "broken": {"status": 500, "raw": f"<h1>{SAID}</h1>".encode()},
    "moved": {"status": 302, "headers": {"location": f"http://127.0.0.1:1/?key={STORED}"}, "raw": b""},
    "garbled": {"raw": f"{SAID}\n\n".encode() * 3, "headers": {"x-request-id": STORED}},
    "failing": {"raw": f'data: {{"error": {{"message": "{SAID}", "code": "{STORED}"}}}}\n\n'.encode()},
    "half": {"raw": f'data: {{"choices": [{{"{SAID}\n\n'.encode()},
    "cut": {"text": "one two three four", "break_after": 2},
    "silent": {"delay": 600.0},
}


async def provoke(shape: Any) -> list[Left]:
    """What clients were told meanwhile, and what went over Redis."""
    told: list[Left] = []
    for model, script in SCRIPTS.items():
        shape.provider.play(model, **script)
    shape.provider.play("rejected", status=401, body={"error": {"message": f"wrong key {VENDOR}"}})
    shape.provider.play(status=401, body=ERROR)  # to those who test it
    async with overheard(shape.standing.redis) as heard:
        await _set_up(shape, told)
        async with Api(shape.url, shape.keys["alice"]) as alice:
            models = [f"leaky/{model}" for model in SCRIPTS] + ["astray/well", "openai/rejected", "in-turn"]
            await asyncio.gather(*(_ask(shape, alice, model, told) for model in models))
    shape.provider.play()
    return [*told, ("the messages over Redis", b"\n".join(heard))]


async def _set_up(shape: Any, told: list[Left]) -> None:
    at = {"kind": "openai-compatible", "api_key": STORED, "headers": {"x-gateway-key": f"Basic {HEADER}"}}
    at |= {"max_retries": 1, "timeouts": {"first_token": 1.0, "total": 20.0}}
    base_url = shape.provider.base_url
    astray = {"proxy": "http://127.0.0.1:1", "proxy_login": f"me:{LOGIN}", "models": ["well"]}
    turn = [{"provider": "leaky", "model": model} for model in ("refused", "cut", "well")]
    async with Api(shape.url, ADMIN_KEY) as olive:
        for path, fields in (
            ("providers/", {**at, "id": "leaky", "base_url": base_url, "models": list(SCRIPTS)}),
            ("providers/", {**at, "id": "astray", "base_url": base_url, **astray}),
            ("providers/", {**at, "id": "wrong", "base_url": f"http://me:{STORED}@nowhere.invalid/"}),
            ("providers/", {**at, "id": "wrong", "base_url": base_url, "api_key": f"{STORED}\n{STORED}"}),
            ("providers/", {**at, "id": "wrong", "base_url": base_url, "headers": {"x": [HEADER]}}),
            ("providers/", {**at, "id": "wrong", "base_url": base_url, "kind": "no kind"}),
            ("routes/", {"name": "in-turn", "strategy": "priority", "targets": turn}),
            ("providers/leaky/check/", {}),
            ("providers/astray/check/", {}),
        ):
            told.append((path, (await olive.http.post(f"/api/{path}", json=fields)).content))
        told.append(("leaky", (await olive.http.get("/api/providers/leaky/")).content))
    assert b"openai-compatible" in told[-1][1], "what is to leak was not set up"
    shape.provider.play(status=401, body={"error": {"message": f"Your x-tool-key was {TOOLS}"}})
    await _set_up_tools(shape, told)


async def _set_up_tools(shape: Any, told: list[Left]) -> None:
    """In the admin; the second one has a mistake in it."""
    form = {
        "transport": "http",
        "headers": f'{{"x-tool-key": "{TOOLS}"}}',
        "enabled": "on",
        "by_default": "on",
    }
    form |= {"policy": "always", "timeout_seconds": "5", "command": ""}
    async with httpx2.AsyncClient(base_url=shape.url, timeout=60, follow_redirects=True) as http:
        await sign_in(http, PASSWORD)
        for name, url in (("leaky", f"{shape.provider.root_url}/mcp"), ("wrong", "no address")):
            token = {"csrfmiddlewaretoken": http.cookies["csrftoken"]}
            page = await http.post(
                "/admin/chat/mcpserver/add/",
                data={**form, **token, "name": name, "url": url},
                headers={"Referer": str(http.base_url)},
            )
            told.append((f"the admin's page of the tools {name}", page.content))


async def _ask(shape: Any, alice: Api, model: str, told: list[Left]) -> None:
    """One run, followed to its end over both transports."""
    session = await alice.session()
    sent = await alice.send(session["id"], "Hello", model=model)
    [run] = sent["runs"]
    frames = [frame async for frame in read_sse(alice, run["id"], 0)]
    async with await Socket.open(shape.ws_url, shape.keys["alice"]) as socket:
        reply = await socket.ask("subscribe", session_id=session["id"])
        told.append((f"the run of {model}", f"{sent}{frames}{reply}{await socket.frame()}".encode()))


@asynccontextmanager
async def overheard(port: int) -> AsyncIterator[list[bytes]]:
    """Whatever is published on this Redis, where there is one."""
    heard: list[bytes] = []
    listening = asyncio.create_task(_listen(port, heard)) if port else None
    yield heard
    if listening:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def _listen(port: int, heard: list[bytes]) -> None:
    with suppress(RedisError):
        async with Redis(port=port) as line, line.pubsub() as messages:
            await messages.psubscribe("*")
            async for message in messages.listen():
                heard.append(str(message).encode())  # noqa: PERF401 - as far as it came
