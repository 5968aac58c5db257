"""JSON as every database gives it back alike."""

import json
from typing import Any, Final

from django.db import models

LARGEST: Final = 2**63  # from there on a whole number is none to readers of JSON in 64 bits


class JSONField(models.JSONField):
    """PostgreSQL tells 1e30 as a whole number of 31 digits: here it stays the float that it was."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"decoder": _Decoder, **options})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """To migrations a field like any other: nothing of it is in the database."""
        name, _, arguments, options = super().deconstruct()
        return (
            name,
            "django.db.models.JSONField",
            arguments,
            {k: v for k, v in options.items() if k != "decoder"},
        )


class _Decoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_number, **options)


def _number(text: str) -> int | float:
    whole = int(text)
    return whole if -LARGEST <= whole < LARGEST else float(whole)
