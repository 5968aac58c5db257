"""What tells others that operators' settings were written where Django's own signals say nothing."""

from typing import Any, Final

from django.dispatch import Signal

# Sent within the transaction before it writes or locks anything that it is going to tell of.
writing: Final = Signal()
# Sent within the transaction, with sender: the model; ids: of its rows; verb: created, changed or deleted;
# and further details, as JSON.
written: Final = Signal()


def tell_along(row: Any, **details: Any) -> None:
    """What is written along with this row, told with its next save: one act, one entry."""
    row._told_along = details


def told_along(row: Any) -> dict[str, Any]:
    """Once."""
    details: dict[str, Any] = row.__dict__.pop("_told_along", {})
    return details
