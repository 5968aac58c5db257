"""Chat completions through the official SDK, which makes the request; the stream is read from raw bytes."""

import asyncio
from collections.abc import AsyncIterator
from functools import cached_property
from typing import Final

import openai

from providers import http
from providers.adapters.decoding import listed_models
from providers.adapters.failures import failures_of
from providers.adapters.openai.request import arguments
from providers.adapters.openai.wire import OpenAIWire
from providers.adapters.relaying import relay
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.events import RunEvent

BASE_URL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "none"  # local servers need no key, the SDK does


class OpenAIAdapter:
    def __init__(self, config: ProviderConfig) -> None:
        self._config = config

    async def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        with failures_of(openai, self._config.provider_id):
            asked = arguments(request, own=not self._config.base_url, extra=self._config.extra)
            opening = self._client.chat.completions.with_streaming_response.create(**asked)
            async for event in relay(opening, OpenAIWire(), self._config.timeouts):
                yield event

    async def models(self) -> list[ModelInfo]:
        with failures_of(openai, self._config.provider_id):
            async with asyncio.timeout(self._config.timeouts.first_token):
                response = await self._client.models.with_raw_response.list()
            return listed_models(response.content)

    @cached_property
    def _client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            api_key=self._config.api_key.reveal() or NO_KEY,
            base_url=self._config.base_url or BASE_URL,
            default_headers=dict(self._config.headers),
            timeout=http.request_timeout(self._config.timeouts.connect),
            max_retries=0,
            http_client=http.client(),
        )
