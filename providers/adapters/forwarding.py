"""Where a caller and a vendor speak the same format, the vendor's own bytes go through: the answer is read by
the same wire, and each of its events is shown, as it came, to a tap.

The caller's fields are chosen by who calls this; what decides where a request goes and how it is counted is
the adapter's.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from providers.adapters.relaying import Wire
from providers.adapters.wholes import Told, Unfolding
from providers.contract import ChatRequest
from providers.events import RunEvent
from providers.sse import SseEvent

Tap: TypeAlias = Callable[[SseEvent], None]

OWN_FIELDS: Final = ("model", "stream", "stream_options", "max_tokens", "max_completion_tokens")


@runtime_checkable
class Forwarding(Protocol):
    """An adapter that can send a request in the caller's own words."""

    @property
    def forwards(self) -> str:
        """The format of its requests and answers: `openai-chat`, `anthropic`, or empty for none."""

    def forward(self, request: ChatRequest, body: Mapping[str, Any], tap: Tap) -> AsyncIterator[RunEvent]:
        """As `stream(request)`, but what is sent is `body`, which says the same."""


class TappedWire:
    """Another wire. What it could read is shown to the tap; an error in the stream is not."""

    def __init__(self, wire: Wire, tap: Tap) -> None:
        self._wire = wire
        self._tap = tap

    @property
    def begun(self) -> bool:
        return self._wire.begun

    @property
    def complete(self) -> bool:
        return self._wire.complete

    @property
    def done(self) -> bool:
        return self._wire.done

    def read(self, event: SseEvent) -> None:
        self._wire.read(event)
        self._tap(event)

    def unfolded(self, whole: Mapping[str, Any]) -> Iterable[Told]:
        return self._wire.unfolded(whole) if isinstance(self._wire, Unfolding) else ()

    def take(self) -> list[RunEvent]:
        return self._wire.take()

    def finish(self) -> list[RunEvent]:
        return self._wire.finish()


def forwarded_body(
    body: Mapping[str, Any],
    made: Mapping[str, Any],
    extra: Mapping[str, Any],
    own: tuple[str, ...] = OWN_FIELDS,
) -> dict[str, Any]:
    """The caller's `body`; the `own` fields as in the body that the adapter `made`, and what the operator
    adds for this server."""
    kept = {name: value for name, value in body.items() if name not in own}
    decided = {name: made[name] for name in own if name in made}
    return {**kept, **decided, **(extra.get("body") or {})}
