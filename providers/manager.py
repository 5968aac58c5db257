"""The streaming guide's face of the providers, for Python programs: a manager, its adapters, and a base for
adapters of one's own. Thin: what is registered here is what the admin shows, and who is asked goes through
the same routes, retries, limits and breakers as everything else.

    manager = get_multi_provider_manager()
    await register_openai_provider(provider_id="main", api_key="…", model_name="gpt-5-mini")
    async for event in manager.get_adapter("main").stream_chat([{"role": "user", "content": "Hello"}]):
        ...
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, Final

from channels.db import database_sync_to_async

from providers.catalogue import available_models, known_model, provider_of
from providers.contract import ChatMessage, ChatRequest, ModelInfo, ProviderConfig, Tool
from providers.direct import stream_chat
from providers.errors import UnknownProvider
from providers.events import RunEvent
from providers.health_checks import health_check_all
from providers.parts import text_of
from providers.registration import register_provider
from providers.registry import register_adapter

Messages = Sequence[ChatMessage | Mapping[str, str]]


class ProviderType(StrEnum):
    """The built-in kinds; one of your own goes by its name."""

    OPENAI = "openai"
    OPENAI_RESPONSES = "openai-responses"
    OPENAI_COMPATIBLE = "openai-compatible"
    AZURE = "azure"
    ANTHROPIC = "anthropic"
    OLLAMA = "ollama"
    AGNO = "agno"
    DEMO = "demo"


class ProviderAdapter:
    """A provider that is set up, ready to be asked; its first model where none is named."""

    def __init__(self, provider_id: str) -> None:
        self.provider_id = provider_id

    async def stream_chat(
        self, messages: Messages, tools: Sequence[Tool] | None = None, *, model: str = "", **options: Any
    ) -> AsyncIterator[RunEvent]:
        """Raises ProviderError, and ValueError for messages that are none."""
        name = model or await database_sync_to_async(_first_model)(self.provider_id)
        stream = stream_chat(messages, model=f"{self.provider_id}/{name}", tools=tools or (), **options)
        async for event in stream:
            yield event

    async def supports_feature(self, feature: str, model: str = "") -> bool:
        """Whether the model is known for a capability such as `tools` or `images`."""
        supports: bool = await database_sync_to_async(_supports)(self.provider_id, model, feature)
        return supports


class MultiProviderManager:
    async def register_provider(
        self, provider_id: str, provider_type: str, model_name: str, **settings: Any
    ) -> ProviderAdapter:
        """`settings` are the fields of `POST /api/providers/`. Raises rest_framework's ValidationError."""
        register = partial(register_provider, provider_id, provider_type, models=[model_name], **settings)
        await database_sync_to_async(register)()
        return self.get_adapter(provider_id)

    def register_adapter(self, kind: str, adapter: "type[BaseProviderAdapter]") -> None:
        """A kind of your own, from then on a `provider_type` like any other."""
        register_adapter(kind, adapter)

    def get_adapter(self, provider_id: str) -> ProviderAdapter:
        """Whether there is such a provider shows when it is asked."""
        return ProviderAdapter(provider_id)

    async def list_providers(self) -> list[str]:
        """Those that have a model to ask."""
        listed = await database_sync_to_async(available_models)()
        return list(dict.fromkeys(model["provider"] for model in listed if "/" in model["id"]))

    async def health_check_all(self) -> dict[str, dict[str, Any]]:
        return await health_check_all()


class BaseProviderAdapter:
    """An adapter of your own in the guide's manner: write `stream_chat`, which yields events of
    providers/events.py and ends with `Finish`; docs/add-a-provider.md has the whole contract."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config

    def stream_chat(
        self, messages: list[dict[str, Any]], tools: Sequence[Tool] | None = None, **options: Any
    ) -> AsyncIterator[RunEvent]:
        raise NotImplementedError

    def stream(self, request: ChatRequest) -> AsyncIterator[RunEvent]:
        system = [{"role": "system", "content": request.system}] if request.system else []
        messages = [{"role": message.role, "content": text_of(message.parts)} for message in request.messages]
        options = {"model": request.model, **request.options}
        return self.stream_chat([*system, *messages], request.tools or None, **options)

    async def models(self) -> list[ModelInfo]:
        return []


async def register_openai_provider(
    provider_id: str, api_key: str, model_name: str, **settings: Any
) -> ProviderAdapter:
    kind = ProviderType.OPENAI
    return await _manager.register_provider(provider_id, kind, model_name, api_key=api_key, **settings)


async def register_anthropic_provider(
    provider_id: str, api_key: str, model_name: str, **settings: Any
) -> ProviderAdapter:
    kind = ProviderType.ANTHROPIC
    return await _manager.register_provider(provider_id, kind, model_name, api_key=api_key, **settings)


def get_multi_provider_manager() -> MultiProviderManager:
    """The one of this process; it keeps nothing of its own."""
    return _manager


_manager: Final = MultiProviderManager()


def _first_model(provider_id: str) -> str:
    listed = (model["model"] for model in available_models() if model["provider"] == provider_id)
    name = next(listed, "")
    if not name:
        raise UnknownProvider(f"The provider {provider_id!r} has no model to ask.")
    return str(name)


def _supports(provider_id: str, model: str, feature: str) -> bool:
    known = known_model(provider_of(provider_id), model or _first_model(provider_id))
    return bool(known and known.capabilities and feature in known.capabilities)
