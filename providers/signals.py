"""What tells others that operators' settings were written where Django's own signals say nothing."""

from typing import Final

from django.dispatch import Signal

# Sent within the transaction, with sender: the model; ids: of its rows; verb: created, changed or deleted;
# and further details, as JSON.
written: Final = Signal()
