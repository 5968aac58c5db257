"""What a server shows: every page that links lead to, every answer that the API's description names."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.canaries.places import Left
from tests.canaries.words import ADMIN_KEY, PASSWORD

STARTS: Final = (
    "/",
    "/settings",
    "/usage",
    "/compare",
    "/admin/",
    "/account/email/",
    "/account/2fa/",
    "/offline",
)
APART: Final = (
    *("/metrics", "/stats", "/health", "/healthz", "/readyz", "/api/docs/", "/api/asyncapi/", "/v1/models"),
    *("/api/stats/live/", "/api/audit/", "/manifest.webmanifest", "/service-worker.js", "/chat", "/nowhere"),
)
OF_A_KIND: Final = 2  # pages that differ by their ids alone
LOOK: Final = 2.0  # seconds at a stream without an end
_LINK: Final = re.compile(r'href="([^"#?]+)')
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_NOT_FOLLOWED: Final = (
    "/static/",
    "/admin/logout/",
    "/logout/",
    "/account/logout/",
    "/i18n/",
    "/admin/jsi18n/",
)


async def shown(url: str, key: str) -> AsyncIterator[Left]:
    async with httpx2.AsyncClient(base_url=url, timeout=60, follow_redirects=True) as http:
        yield "a refused sign-in", (await sign_in(http, f"{PASSWORD}, mistyped")).content
        await sign_in(http, PASSWORD)
        async for page in pages(http):
            yield page
    for name, known in (("olive", ADMIN_KEY), ("alice", key)):
        headers = {"Authorization": f"Bearer {known}"}
        async with httpx2.AsyncClient(base_url=url, timeout=60, headers=headers) as http:
            async for place, answer in answers(http):
                yield f"{name}: {place}", answer


async def sign_in(http: httpx2.AsyncClient, password: str) -> httpx2.Response:
    await http.get("/login/")
    form = {"username": "olive", "password": password, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
    return await http.post("/login/", data=form, headers={"Referer": str(http.base_url)})


async def pages(http: httpx2.AsyncClient) -> AsyncIterator[Left]:
    """From page to page, as links lead."""
    waiting, kinds = list(STARTS), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        kind = _ID.sub("*", path)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > (OF_A_KIND if kind != path else 1):
            continue
        answer = await looked_at(http, path)
        yield path, answer
        waiting += links(path, answer.decode(errors="replace"))


def links(path: str, page: str) -> Iterable[str]:
    found = {urlsplit(urljoin(path, link)) for link in _LINK.findall(page)}
    return sorted(one.path for one in found if not one.netloc and not one.path.startswith(_NOT_FOLLOWED))


async def answers(http: httpx2.AsyncClient) -> AsyncIterator[Left]:
    """Of every path that is read, about the newest of what its parameters may name."""
    schema = (await http.get("/api/schema/", params={"format": "json"})).json()
    ids = await _ids(http)
    for path in [*APART, *(path for path, methods in schema["paths"].items() if "get" in methods)]:
        url = re.sub(r"{(\w+)}", lambda name: ids.get(name[1], "1"), path)
        yield url, await looked_at(http, url)
    for session in ids["sessions"].split():
        for what in ("export/?as=markdown", "export/", "messages/", "runs/", "events/"):
            url = f"/api/sessions/{session}/{what}"
            yield url, await looked_at(http, url)


async def _ids(http: httpx2.AsyncClient) -> dict[str, str]:
    """By the names that parameters have; `sessions` are some more, by spaces."""
    sessions = [one["id"] for one in (await _json(http, "/api/sessions/"))["results"][:3]]
    found = {"provider_id": "leaky", "sessions": " ".join(sessions)}
    if sessions:
        runs = (await _json(http, f"/api/sessions/{sessions[0]}/runs/"))["results"]
        found |= {"session_id": sessions[0], "key": sessions[0]}
        found |= {"run_id": runs[0]["id"]} if runs else {}
    return found


async def _json(http: httpx2.AsyncClient, path: str) -> Any:
    return (await http.get(path)).json()


async def looked_at(http: httpx2.AsyncClient, path: str) -> bytes:
    """Head and body; of a stream what comes soon."""
    got = b""
    try:
        async with asyncio.timeout(None) as limit, http.stream("GET", path) as answer:
            got = f"{answer.status_code} {dict(answer.headers)}\n".encode()
            if "event-stream" in answer.headers.get("content-type", ""):
                limit.reschedule(asyncio.get_running_loop().time() + LOOK)
            async for piece in answer.aiter_bytes():
                got += piece
    except TimeoutError:
        pass
    return got
