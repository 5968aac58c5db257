"""Ollama's `/api/chat`: a line of JSON per piece, no SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import httpx2
import msgspec

from providers.adapters.decoding import count, decode, text
from providers.adapters.failures import failures_of
from providers.adapters.lines import LineDecoder
from providers.adapters.ollama.request import body
from providers.adapters.ollama.wire import OllamaWire
from providers.adapters.plain_http import ask
from providers.adapters.relaying import opened, relay
from providers.adapters.turns import call_ids
from providers.contract import Capability, ChatRequest, ModelInfo, ProviderConfig
from providers.errors import ProviderError
from providers.events import RunEvent

BASE_URL: Final = "http://127.0.0.1:11434"
MOST_SHOWN: Final = 20  # models that are asked about one by one
CAPABILITIES: Final[dict[str, Capability]] = {
    "tools": "tools",
    "vision": "images",
    "thinking": "reasoning",
    "audio": "audio",
}


class OllamaAdapter:
    """A key is needed only behind a proxy or at ollama.com, and sent as a bearer token."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._root = _root(config.base_url)

    async def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        with failures_of(self._config.provider_id):
            told = body(request, extra=self._config.extra)
            asking = ask(self._config, "POST", f"{self._root}/api/chat", json=told, stream=True)
            wire = OllamaWire(call_ids(request))
            async with aclosing(relay(opened(asking), wire, self._config.timeouts, LineDecoder())) as events:
                async for event in events:
                    yield event

    async def models(self) -> list[ModelInfo]:
        """With context and capabilities, as far as the server tells them."""
        with failures_of(self._config.provider_id):
            async with asyncio.timeout(self._config.timeouts.first_token):
                response = await ask(self._config, "GET", f"{self._root}/api/tags")
                names = [listed.name for listed in decode(_listing, response.content).models]
                shown = await asyncio.gather(*(self._shown(name) for name in names[:MOST_SHOWN]))
        return [*shown, *(ModelInfo(id=name) for name in names[MOST_SHOWN:])]

    async def _shown(self, name: str) -> ModelInfo:
        try:
            response = await ask(self._config, "POST", f"{self._root}/api/show", json={"model": name})
            return decode(_showing, response.content).info(name)
        except (httpx2.HTTPError, ProviderError):  # a server that is older or imitates only the list
            return ModelInfo(id=name)


class _Tag(msgspec.Struct):
    name: str


class _Listing(msgspec.Struct):
    models: list[_Tag]


class _Showing(msgspec.Struct):
    capabilities: Any = None
    model_info: dict[str, Any] = {}

    def info(self, name: str) -> ModelInfo:
        """`model_info` has the context under the architecture's name: `llama.context_length`."""
        sizes = (v for key, v in self.model_info.items() if key.endswith(".context_length"))
        size = next((size for size in sizes if isinstance(size, int)), 0)
        return ModelInfo(id=name, context_length=count(size), capabilities=self._capabilities())

    def _capabilities(self) -> frozenset[Capability] | None:
        if not isinstance(self.capabilities, list):
            return None
        known = {CAPABILITIES[word] for word in map(text, self.capabilities) if word in CAPABILITIES}
        return frozenset({"streaming", "json_schema", *known})


_listing = msgspec.json.Decoder(_Listing)
_showing = msgspec.json.Decoder(_Showing)


def _root(base_url: str) -> str:
    """The server's address, whichever of its two APIs the operator wrote."""
    root = (base_url or BASE_URL).rstrip("/")
    return root.removesuffix("/v1").removesuffix("/api")
