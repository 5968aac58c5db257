"""An Agno agent as a provider: its name is the model's.

Without a base URL the agents are those of this process (`register_agno_agent`); with one they are AgentOS's.
The package itself is not imported here: agents bring it with them.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import msgspec

from providers.adapters.agno.agents import agno_agent, agno_agents
from providers.adapters.agno.request import said, told
from providers.adapters.agno.wire import AgnoEvent, AgnoWire
from providers.adapters.decoding import decode, text
from providers.adapters.failures import failures_of
from providers.adapters.plain_http import ask
from providers.adapters.relaying import Patience, opened, relay
from providers.contract import ChatRequest, ModelInfo, ProviderConfig
from providers.errors import ModelNotFound, ProviderError, ProviderFailed, StreamBroken
from providers.events import RunEvent

SAFE_NAME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


class AgnoAdapter:
    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._root = config.base_url.rstrip("/")

    async def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        with failures_of(self._config.provider_id):
            events = self._remote(request) if self._root else self._local(request)
            async with aclosing(events):
                async for event in events:
                    yield event

    async def models(self) -> list[ModelInfo]:
        if not self._root:
            return [ModelInfo(id=name) for name in agno_agents()]
        with failures_of(self._config.provider_id):
            async with asyncio.timeout(self._config.timeouts.first_token):
                response = await ask(self._config, "GET", f"{self._root}/agents")
            return [agent.info() for agent in decode(_listing, response.content)]

    async def _local(self, request: ChatRequest) -> AsyncGenerator[RunEvent, None]:
        wire = AgnoWire()
        patience = Patience(wire, self._config.timeouts)
        agent = await asyncio.to_thread(agno_agent, request.model)
        running = agent.arun(said(request), stream=True, stream_events=True)
        try:
            while not wire.done and (event := await _next(running, patience)):
                wire.read_event(event)
                for due in wire.take():
                    yield due
        finally:
            await running.aclose()
        for due in wire.finish():
            yield due

    def _remote(self, request: ChatRequest) -> AsyncGenerator[RunEvent, None]:
        if not set(request.model) <= SAFE_NAME:
            raise ModelNotFound
        form = {"message": told(request), "stream": "true"}
        url = f"{self._root}/agents/{request.model}/runs"
        asking = ask(self._config, "POST", url, form=form, stream=True)
        return relay(opened(asking), AgnoWire(), self._config.timeouts)


async def _next(running: Any, patience: Patience) -> AgnoEvent | None:
    """The agent's next event; None at its end. What an agent raises is its failure, whatever that is."""
    try:
        async with asyncio.timeout(patience.left()):
            event = await anext(running, None)
        return None if event is None else msgspec.convert(event.to_dict(), AgnoEvent)
    except (ProviderError, TimeoutError):
        raise
    except msgspec.ValidationError as error:
        raise StreamBroken(detail=repr(error)) from error
    except Exception as error:
        raise ProviderFailed(detail=repr(error)) from error


class _Agent(msgspec.Struct):
    id: str
    name: Any = None

    def info(self) -> ModelInfo:
        return ModelInfo(id=self.id, label=text(self.name))


_listing = msgspec.json.Decoder(list[_Agent])
