"""Messages through the official SDK, which makes the request; the stream is read from raw bytes."""

import asyncio
from collections.abc import AsyncIterator
from functools import cached_property
from typing import Final

import anthropic

from providers import http
from providers.adapters.anthropic.request import arguments
from providers.adapters.anthropic.wire import AnthropicWire
from providers.adapters.decoding import listed_models
from providers.adapters.failures import failures_of
from providers.adapters.relaying import relay
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.events import RunEvent

BASE_URL: Final = "https://api.anthropic.com"
NO_KEY: Final = "none"  # local servers need no key, the SDK does
MOST_MODELS: Final = 1000  # the API's limit for one page


class AnthropicAdapter:
    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._version = str(config.extra.get("anthropic_version") or "")

    async def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        with failures_of(anthropic, self._config.provider_id):
            asked = arguments(request, version=self._version, extra=self._config.extra)
            opening = self._client.messages.with_streaming_response.create(**asked)
            async for event in relay(opening, AnthropicWire(), self._config.timeouts):
                yield event

    async def models(self) -> list[ModelInfo]:
        with failures_of(anthropic, self._config.provider_id):
            async with asyncio.timeout(self._config.timeouts.first_token):
                response = await self._client.models.with_raw_response.list(limit=MOST_MODELS)
            return listed_models(await response.read())

    @cached_property
    def _client(self) -> anthropic.AsyncAnthropic:
        version = {"anthropic-version": self._version} if self._version else {}
        return anthropic.AsyncAnthropic(
            api_key=self._config.api_key.reveal() or NO_KEY,
            base_url=self._config.base_url or BASE_URL,
            default_headers={**version, **self._config.headers},
            timeout=http.request_timeout(self._config.timeouts.connect),
            max_retries=0,
            http_client=http.client(),
        )
