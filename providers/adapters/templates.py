"""Requests as an SDK made the first of their kind: to make one costs it as much as all else that we do with
an answer. What differs from one to the next is the body.
"""

import json
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from providers import http
from providers.contract import ProviderConfig

MOST: Final = 200  # kinds of requests that are kept; Azure's addresses have the model's name in them
OF_ONE: Final = ("content-length", "cookie", "host")  # headers of one request alone

Asking = Callable[[], Awaitable[httpx2.Response]]


@dataclass(frozen=True, slots=True)
class Template:
    url: httpx2.URL
    headers: httpx2.Headers

    @classmethod
    def of(cls, request: httpx2.Request) -> "Template":
        kept = [(name, value) for name, value in request.headers.raw if name.decode().lower() not in OF_ONE]
        return cls(request.url, httpx2.Headers(kept))

    def request(self, body: Mapping[str, Any], connect: float) -> httpx2.Request:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        extensions = {"timeout": http.request_timeout(connect).as_dict()}
        return httpx2.Request("POST", self.url, headers=self.headers, content=content, extensions=extensions)


class Templates:
    """Of one provider's settings."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._made: dict[Hashable, Template] = {}

    async def post(self, kind: Hashable, first: Asking, body: Mapping[str, Any]) -> httpx2.Response:
        """`first` is the SDK's way. Raises what that raises, and httpx2's errors; refusals have been read."""
        template = self._made.get(kind)
        if template is None:
            response = await first()
            self._keep(kind, response.request)
            return response
        request = template.request(body, self._config.timeouts.connect)
        response = await http.client(self._config.http).send(request, stream=True)
        if not response.is_success:
            await response.aread()
        return response.raise_for_status()

    def _keep(self, kind: Hashable, request: httpx2.Request) -> None:
        if len(self._made) >= MOST:
            self._made.clear()
        self._made[kind] = Template.of(request)
