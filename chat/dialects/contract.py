"""What a dialect is: a fold from the events of one run to the bytes of one wire format.

Pure: no I/O, no clock, no randomness. The same events give the same bytes, so a reader who comes back is
served by encoding the log once more from its first event. Own dialects register with `register_dialect` or
the entry point group `parley.dialects` (chat/dialects/registry.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from providers.events import RunEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all frames of one answer have in common.

    `id` names the answer (without a door's prefix), `created` is in Unix seconds, `model` is as the caller
    wrote it. `options` holds what this door's caller asked for, e.g. `include_usage`.
    """

    id: str
    model: str
    created: int
    run_id: str = ""
    session_id: str = ""
    message_id: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


class Dialect(Protocol):
    """One encoder per answer. The bytes of the last event (`finish`, `abort`, `error`) include whatever the
    format ends with; nothing follows them. `keep_alive` may be sent between any two frames."""

    @property
    def content_type(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def keep_alive(self) -> bytes: ...

    def __init__(self, context: Context) -> None: ...

    def encode(self, event: RunEvent, seq: int = 0) -> bytes:
        """The frames that this event adds, often none. `seq` is its number in the log, 0 outside of one."""
        ...
