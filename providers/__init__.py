"""The providers room. What Python programs use of it is imported when it is first asked for: the models of
Django cannot be before the apps are set up.
"""

from importlib import import_module
from typing import Any

_FACE = {
    "chat": "providers.direct",
    "stream_chat": "providers.direct",
    "register_adapter": "providers.registry",
    "register_provider": "providers.registration",
    "ProviderConfig": "providers.contract",
    "BaseProviderAdapter": "providers.manager",
    "MultiProviderManager": "providers.manager",
    "ProviderType": "providers.manager",
    "get_multi_provider_manager": "providers.manager",
    "health_check_all": "providers.health_checks",
    "register_anthropic_provider": "providers.manager",
    "register_openai_provider": "providers.manager",
}


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(name)
    return getattr(import_module(_FACE[name]), name)
