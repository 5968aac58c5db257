"""The providers that the environment sets up by itself. Their keys are read from there and never stored."""

from dataclasses import dataclass
from typing import Final

import environ

from providers.secrets import Secret

_env = environ.FileAwareEnv()


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
        return Secret(_read(self.key_variable))

    @property
    def base_url(self) -> str:
        return _read(self.url_variable)

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


def _read(variable: str) -> str:
    value: str = _env.str(variable, default="") if variable else ""
    return value.strip()
