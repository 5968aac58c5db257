"""The providers that the environment sets up by itself. Their keys are read from there and never stored."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.exceptions import ValidationError

from providers.secrets import Secret
from providers.validation import validate_key_variable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentProvider:
    """`key_variable` (or that name with `_FILE`) being set brings the provider; empty: it is always there."""

    id: str
    label: str
    models: tuple[str, ...]
    key_variable: str = ""
    url_variable: str = ""
    position: int = 100
    free: bool = False

    @property
    def key(self) -> Secret:
        return Secret(variable(self.key_variable))

    @property
    def base_url(self) -> str:
        return variable(self.url_variable)

    @property
    def is_set(self) -> bool:
        return not self.key_variable or bool(self.key)


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
            id="demo",
            label="Demo",
            models=("chat", "long", "fast", "reason", "tools", "fail"),
            position=1000,
            free=True,
        ),
    )
}


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
