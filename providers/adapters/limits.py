"""The limit of an answer, under whichever of its names a caller set it."""

from collections.abc import Mapping
from typing import Any, Final

NAMES: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def most_tokens(options: Mapping[str, Any]) -> int | None:
    """None where there is none."""
    return next((options[name] for name in NAMES if options.get(name) is not None), None)
