"""What a caller may set for the demo provider, checked: a wrong value is refused with its name."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from providers.errors import (
    InvalidOptions,
    ProviderError,
    ProviderFailed,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
)
from providers.events import FinishReason

MOST_TOKENS: Final = 100_000
MOST_SECONDS: Final = 3600.0

FAILURES: Final[dict[str, type[ProviderError]]] = {
    kind.code: kind for kind in (ProviderFailed, ProviderRateLimited, ProviderRefused, ProviderTimeout)
}


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a script; the first field that is set says what is done. `wait` is in seconds. `tool` calls
    a tool with `arguments`: an object, or JSON text that may be broken. What follows calls is played after
    their results."""

    text: str | None = None
    reasoning: str | None = None
    tool: str | None = None
    arguments: dict[str, Any] | str = ""
    wait: float | None = None
    error: str | None = None
    finish: FinishReason | None = None

    def __post_init__(self) -> None:
        if self.error is not None and self.error not in FAILURES:
            raise ValueError(f"error is one of {', '.join(sorted(FAILURES))}")
        if self.wait is not None and not 0 <= self.wait <= MOST_SECONDS:
            raise ValueError(f"wait is 0 to {MOST_SECONDS:g} seconds")


class DemoOptions(msgspec.Struct, frozen=True):
    """`tokens` cuts or lengthens the answer, `rate` is tokens per second (0: as fast as it can), the same
    `seed` and message give the same text, `script` is played instead of everything else."""

    tokens: int | None = None
    max_tokens: int | None = None
    rate: float | None = None
    seed: int | None = None
    script: list[Step] | None = None

    def __post_init__(self) -> None:
        if self.tokens is not None and not 0 <= self.tokens <= MOST_TOKENS:
            raise ValueError(f"tokens is 0 to {MOST_TOKENS}")
        if self.rate is not None and not 0 <= self.rate <= MOST_TOKENS:
            raise ValueError(f"rate is 0 to {MOST_TOKENS} tokens a second")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError("max_tokens is at least 1")


def demo_options(given: Mapping[str, Any]) -> DemoOptions:
    """Raises InvalidOptions that names the option. Options of other providers are passed over."""
    try:
        return msgspec.convert(dict(given), DemoOptions)
    except msgspec.ValidationError as error:
        raise InvalidOptions(f"The demo provider cannot use these options: {error}") from error
