"""What the kinds that the `openai` package serves have in common.

The package makes the request (address, key, headers); the stream is read from raw bytes. Its own
reading of request and answer is passed by: both cost more than all that we do with them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import httpx2
import openai

from providers import http
from providers.adapters.decoding import listed_models
from providers.adapters.failures import failures_of
from providers.adapters.forwarding import Tap, TappedWire, forwarded_body
from providers.adapters.relaying import Wire, opened, relay
from providers.adapters.templates import Templates
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.events import RunEvent

NO_KEY: Final = "none"  # local servers need no key, the SDK does


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be sent, and how its answer is read."""

    path: str
    body: dict[str, Any]
    wire: Wire


class OpenAISdkAdapter:
    """A kind gives `call` and, where the address or the key goes elsewhere, `make_client`."""

    base_url = "https://api.openai.com/v1"

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self._templates = Templates(config)

    def call(self, request: ChatRequest) -> Call:
        raise NotImplementedError

    def make_client(self, settings: dict[str, Any]) -> openai.AsyncOpenAI:
        """`settings` are those that every client of the SDK takes."""
        return openai.AsyncOpenAI(
            api_key=self.config.api_key.reveal() or NO_KEY,
            base_url=self.config.base_url or self.base_url,
            **settings,
        )

    def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        return self._asked(lambda: self.call(request))

    @property
    def forwards(self) -> str:
        return "openai-chat"

    def forward(self, request: ChatRequest, body: Mapping[str, Any], tap: Tap) -> AsyncIterator[RunEvent]:
        def call() -> Call:
            made = self.call(request)
            sent = forwarded_body(body, made.body, self.config.extra)
            return Call(made.path, sent, TappedWire(made.wire, tap))

        return self._asked(call)

    async def _asked(self, make: Callable[[], Call]) -> AsyncIterator[RunEvent]:
        with failures_of(self.config.provider_id, openai):
            call = make()
            async with aclosing(relay(opened(self._post(call)), call.wire, self.config.timeouts)) as events:
                async for event in events:
                    yield event

    async def _post(self, call: Call) -> httpx2.Response:
        def first() -> Awaitable[httpx2.Response]:
            return self.client.post(call.path, body=call.body, cast_to=httpx2.Response, stream=True)

        return await self._templates.post((call.path, call.body.get("model")), first, call.body)

    async def models(self) -> list[ModelInfo]:
        with failures_of(self.config.provider_id, openai):
            async with asyncio.timeout(self.config.timeouts.first_token):
                response = await self.client.get("/models", cast_to=httpx2.Response)
            return listed_models(response.content)

    @property
    def transcribes(self) -> str:
        """What is not counted by tokens costs the operator unseen: so only a model that was named does it."""
        return str(self.config.extra.get("transcription_model") or "")

    async def transcribe(self, sound: bytes, media_type: str) -> str:
        file = (f"sound.{media_type.rpartition('/')[2]}", sound, media_type)
        with failures_of(self.config.provider_id, openai):
            async with asyncio.timeout(self.config.timeouts.first_token):
                made = await self.client.audio.transcriptions.create(model=self.transcribes, file=file)
        return made.text

    @cached_property
    def client(self) -> openai.AsyncOpenAI:
        """Without what the SDK takes from the environment: that is another provider's."""
        headers = http.plain_headers(self.config.headers)
        made = self.make_client(
            {
                "timeout": http.request_timeout(self.config.timeouts.connect),
                "max_retries": 0,
                "http_client": http.client(self.config.http),
            }
        )
        made._custom_headers = headers
        made.organization = self.config.organization or None
        made.project = self.config.project or None
        return made
