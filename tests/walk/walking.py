"""Asking a server as one of the callers, and what came back."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.walk.routes import COMMON, Route

AT_ONCE = 8
NEVER = re.compile("secret|Traceback")
TOKEN = "0" * 32  # any: that a page sends what its cookie holds is what counts


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    text: str

    @property
    def told(self) -> tuple[int, str]:
        """What a caller learns from it."""
        return self.status, re.sub(r'"request_id": ?"\w+"|[0-9a-f]{8}-[0-9a-f-]{27}', "", self.text)

    @property
    def no_method(self) -> bool:
        return self.status == 405

    def __str__(self) -> str:
        return f"{self.status} {self.kind} {self.text[:100]}"


class Walk:
    """Asks as one of the callers."""

    def __init__(self, server: Any, cast: dict[str, Any]) -> None:
        self.server, self.own, self.keys = server, cast["own"], cast["keys"]
        self.cookies = cast["cookies"]
        self.http = httpx2.AsyncClient(base_url=server.url, timeout=60)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def ask(self, caller: str, method: str, url: str, body: Any = None, **more: str) -> Answer:
        headers = {"Accept": "application/json", **more, **self._carried(caller)}
        async with self._places, self.http.stream(method, url, json=body, headers=headers) as response:
            kind = response.headers.get("content-type", "")
            streams = "event-stream" in kind and response.status_code == 200
            text = "" if streams else (await response.aread()).decode(errors="replace")
            return Answer(response.status_code, kind, text)

    def _carried(self, caller: str) -> dict[str, str]:
        """A key; or a browser's cookie, `NAME-page` with a page's token and `NAME-elsewhere` without."""
        if key := self.keys.get(caller):
            return {"Authorization": f"Bearer {key}"}
        name, _, where = caller.rpartition("-")
        if name not in self.cookies:
            return {}
        cookie = f"sessionid={self.cookies[name]}; csrftoken={TOKEN}"
        return {"Cookie": cookie, **({"X-CSRFToken": TOKEN} if where == "page" else {})}

    async def route(self, caller: str, route: Route, method: str, ids: dict[str, Any]) -> Answer:
        return await self.ask(caller, method, route.url({**COMMON, **ids}), route.body(method))


async def gathered(asked: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    answers = await asyncio.gather(*(coming for _, coming in asked))
    return [(what, answer) for (what, _), answer in zip(asked, answers, strict=True)]


def fine(answer: Answer) -> bool:
    """No failure, no secret of somebody's, and an error in JSON."""
    is_error = answer.status >= 400
    told = answer.kind.startswith(("application/json", "text/plain")) if is_error else True
    return answer.status < 500 and told and not NEVER.search(answer.text)
