"""Which adapter is for which kind of provider. An adapter, and the SDK that it needs, is imported when it is
first used. Others add kinds with `register_adapter` or the entry point group `parley.adapters`.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.utils.module_loading import import_string

from providers.contract import Adapter, ProviderConfig
from providers.errors import UnknownProvider

ENTRY_POINTS: Final = "parley.adapters"

BUILT_IN: Final[dict[str, str]] = {
    "openai": "providers.adapters.openai.adapter.OpenAIAdapter",
    "openai-responses": "providers.adapters.openai.adapter.ResponsesAdapter",
    "openai-compatible": "providers.adapters.openai_compatible.adapter.OpenAICompatibleAdapter",
    "azure": "providers.adapters.azure.adapter.AzureAdapter",
    "anthropic": "providers.adapters.anthropic.adapter.AnthropicAdapter",
    "ollama": "providers.adapters.ollama.adapter.OllamaAdapter",
    "agno": "providers.adapters.agno.adapter.AgnoAdapter",
    "demo": "providers.adapters.demo.adapter.DemoAdapter",
}

_registered: dict[str, str | type[Adapter]] = {}
_made: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, tuple[ProviderConfig, Adapter]]] = (
    WeakKeyDictionary()
)


def register_adapter(kind: str, target: str | type[Adapter]) -> None:
    """`target` is an adapter class or its dotted path; it goes before a built-in one of the same kind."""
    _registered[kind] = target


def kinds() -> list[str]:
    """Every kind that can be set up, by name."""
    return sorted({*BUILT_IN, *_registered, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def kind_named(name: str) -> str:
    """The kind that a caller means: `openai_compatible` is `openai-compatible`."""
    dashed = name.replace("_", "-")
    return dashed if dashed in BUILT_IN and name not in _registered else name


def adapter_class(kind: str) -> type[Adapter]:
    """Imports the adapter. Raises UnknownProvider for a kind that nobody offers."""
    kind = kind_named(kind)
    target: Any = _registered.get(kind) or BUILT_IN.get(kind) or _from_entry_point(kind)
    if target is None:
        raise UnknownProvider(f"There is no kind of provider called {kind!r} here.")
    found: type[Adapter] = import_string(target) if isinstance(target, str) else target
    return found


def preload(kinds: Iterable[str]) -> None:
    """Import adapters ahead of their first use, in a thread at start: an SDK takes up to a second, for which
    a running loop would stand still. A kind that nobody offers is passed over; its use will say so."""
    for kind in kinds:
        with suppress(UnknownProvider):
            adapter_class(kind)


def adapter_for(config: ProviderConfig) -> Adapter:
    """The running loop's adapter for a provider, made anew when its settings have changed."""
    made = _made.setdefault(asyncio.get_running_loop(), {})
    known = made.get(config.provider_id)
    if known and known[0] == config:
        return known[1]
    adapter = adapter_class(config.kind)(config)
    made[config.provider_id] = (config, adapter)
    return adapter


def _from_entry_point(kind: str) -> type[Adapter] | None:
    points = entry_points(group=ENTRY_POINTS, name=kind)
    found: type[Adapter] | None = next((point.load() for point in points), None)
    return found
