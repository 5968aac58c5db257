"""Messages through the official SDK, which makes the request; the stream is read from raw bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import cached_property
from typing import Any, Final

import anthropic
import httpx2

from providers import http
from providers.adapters.anthropic.messages import documents
from providers.adapters.anthropic.request import SAMPLING_OPTIONS, body
from providers.adapters.anthropic.wire import AnthropicWire
from providers.adapters.decoding import listed_models
from providers.adapters.failures import failures_of
from providers.adapters.forwarding import OWN_FIELDS, Tap, TappedWire, forwarded_body
from providers.adapters.relaying import Wire, opened, relay
from providers.adapters.templates import Templates
from providers.adapters.turns import call_ids
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.events import RunEvent

BASE_URL: Final = "https://api.anthropic.com"
PATH: Final = "/v1/messages"
NO_KEY: Final = "none"  # local servers need no key, the SDK does
MOST_MODELS: Final = 1000  # the API's limit for one page


class AnthropicAdapter:
    """`api_version` is sent as `anthropic-version`; the SDK's own takes no temperature."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._templates = Templates(config)
        self._version = config.api_version or str(config.extra.get("anthropic_version") or "")

    def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        return self._asked(lambda: self._body(request), _wire(request))

    @property
    def forwards(self) -> str:
        return "anthropic"

    def forward(self, request: ChatRequest, body: Mapping[str, Any], tap: Tap) -> AsyncIterator[RunEvent]:
        def make() -> dict[str, Any]:
            return forwarded_body(
                body, self._body(request), self._config.extra, OWN_FIELDS + SAMPLING_OPTIONS
            )

        return self._asked(make, TappedWire(_wire(request), tap))

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        return body(request, version=self._version, extra=self._config.extra)

    async def _asked(self, make: Callable[[], dict[str, Any]], wire: Wire) -> AsyncIterator[RunEvent]:
        with failures_of(self._config.provider_id, anthropic):
            asking = self._post(make())
            async with aclosing(relay(opened(asking), wire, self._config.timeouts)) as events:
                async for event in events:
                    yield event

    async def _post(self, asked: dict[str, Any]) -> httpx2.Response:
        def first() -> Awaitable[httpx2.Response]:
            return self._client.post(PATH, body=asked, cast_to=httpx2.Response, stream=True)

        return await self._templates.post(PATH, first, asked)

    async def models(self) -> list[ModelInfo]:
        with failures_of(self._config.provider_id, anthropic):
            async with asyncio.timeout(self._config.timeouts.first_token):
                path = f"/v1/models?limit={MOST_MODELS}"
                response = await self._client.get(path, cast_to=httpx2.Response)
            return listed_models(response.content)

    @cached_property
    def _client(self) -> anthropic.AsyncAnthropic:
        """Without the headers that the SDK takes from the environment: those are another provider's."""
        version = {"anthropic-version": self._version} if self._version else {}
        made = anthropic.AsyncAnthropic(
            api_key=self._config.api_key.reveal() or NO_KEY,
            base_url=self._config.base_url or BASE_URL,
            timeout=http.request_timeout(self._config.timeouts.connect),
            max_retries=0,
            http_client=http.client(self._config.http),
        )
        made._custom_headers = {**version, **http.plain_headers(self._config.headers)}
        return made


def _wire(request: ChatRequest) -> AnthropicWire:
    return AnthropicWire(call_ids(request), documents(request))
