"""The providers that the environment sets up by itself. Their keys are read from there and never stored."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from providers.secrets import Secret
from providers.validation import validate_key_variable

logger = logging.getLogger(__name__)

OLLAMA_URL: Final = "http://127.0.0.1:11434"
_OLLAMA_PORT: Final = 11434
# What a server listens on, and where it can be asked then.
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # nosec B104 # noqa: S104 - compared only


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentProvider:
    """`key_variable` (or that name with `_FILE`) being set brings the provider, or without one the variable
    of its address; without both it is always there."""

    id: str
    label: str
    models: tuple[str, ...]
    key_variable: str = ""
    url_variable: str = ""
    position: int = 100
    free: bool = False

    @property
    def key(self) -> Secret:
        return Secret(variable(self.key_variable)) if self.key_variable else Secret()

    @property
    def base_url(self) -> str:
        told = variable(self.url_variable) if self.url_variable else ""
        return ollama_address(told) if told and self.id == "ollama" else told

    @property
    def is_set(self) -> bool:
        if self.key_variable:
            return bool(self.key)
        return not self.url_variable or bool(self.base_url)


ENVIRONMENT: Final = {
    provider.id: provider
    for provider in (
        EnvironmentProvider(
            id="openai",
            label="OpenAI",
            key_variable="OPENAI_API_KEY",
            url_variable="OPENAI_BASE_URL",
            models=("gpt-5.5", "gpt-5-mini", "gpt-4o-mini"),
        ),
        EnvironmentProvider(
            id="anthropic",
            label="Anthropic",
            key_variable="ANTHROPIC_API_KEY",
            url_variable="ANTHROPIC_BASE_URL",
            models=("claude-sonnet-4-5", "claude-opus-4-8", "claude-haiku-4-5"),
        ),
        EnvironmentProvider(
            id="ollama",
            label="Ollama",
            url_variable="OLLAMA_HOST",
            models=(),  # those that it has: see `providers.local`
        ),
        EnvironmentProvider(
            id="demo",
            label="Demo",
            models=("chat", "long", "fast", "reason", "tools", "fail"),
            position=1000,
            free=True,
        ),
    )
}


def ollama_address(told: str) -> str:
    """OLLAMA_HOST as Ollama itself reads it: a host, a port or an address, where a server listens."""
    parts = urlsplit(told if "://" in told else f"http://{told}")
    host = parts.hostname or ""
    try:
        port = parts.port or (None if "://" in told else _OLLAMA_PORT)
    except ValueError:
        return ""
    host = _ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def key_from_environment(name: str) -> Secret:
    """The key that an operator chose by the variable's name; nothing for a name that is not of a key."""
    try:
        validate_key_variable(name)
    except ValidationError:
        return Secret()
    return Secret(variable(name))


def variable(name: str) -> str:
    """The variable, or the content of the file that its `_FILE` twin names; read anew every time, so that a
    key can be changed under a running server."""
    path = os.environ.get(f"{name}_FILE")
    try:
        return (Path(path).read_text() if path else os.environ.get(name, "")).strip()
    except OSError as error:
        logger.warning("%s_FILE cannot be read: %s", name, error)
        return ""
