"""A kind of provider as the contract suite meets it, and what is read from an answer. No test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.contract import Adapter, ChatMessage, ChatRequest, HttpOptions, ProviderConfig, Timeouts, Tool
from providers.events import ReasoningDelta, RunEvent, TextDelta, ToolInputAvailable
from providers.folding import fold_all
from providers.parts import TextPart, ToolCallPart
from providers.registry import adapter_class
from providers.secrets import Secret
from tests.fakes.provider import FakeProvider

KEY = "sk-of-the-contract-0123456789"
LOOKUP = Tool(
    name="lookup",
    description="Looks a word up.",
    parameters={"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
)


def play_over_tcp(fake: FakeProvider, script: dict[str, Any]) -> dict[str, Any]:
    fake.play(**script)
    return {}


@dataclass(frozen=True)
class Kind:
    """`url` is the base URL for a fake provider; `play` sets an answer up and returns the options that the
    request needs for it. `reasons` are the vendor's words for an end and ours, empty where it has none.
    A kind that `takes_tools` leaves it to us to run them. Where the fake does not speak the kind's format,
    its own `play` gives `raw` bytes."""

    name: str
    model: str
    url: Callable[[FakeProvider], str]
    networked: bool = True
    play: Callable[[FakeProvider, dict[str, Any]], dict[str, Any]] = play_over_tcp
    reasons: Mapping[str, str] = field(default_factory=dict)
    takes_tools: bool = True
    reasoning: bool = True

    def adapter(self, fake: FakeProvider, *, http: HttpOptions | None = None, **timeouts: float) -> Adapter:
        config = ProviderConfig(
            provider_id=self.name,
            kind=self.name,
            base_url=self.url(fake),
            api_key=Secret(KEY),
            http=http or HttpOptions(),
            timeouts=Timeouts(**timeouts),
        )
        return adapter_class(self.name)(config)

    def request(self, *messages: ChatMessage, tools: tuple[Tool, ...] = (), **options: Any) -> ChatRequest:
        asked = ChatMessage(role="user", parts=(TextPart(text="Say something."),))
        return ChatRequest(model=self.model, messages=(asked, *messages), tools=tools, options=options)


async def collect(
    adapter: Adapter, request: ChatRequest, into: list[RunEvent] | None = None
) -> list[RunEvent]:
    """All events of one answer; with `into`, also those that came before an error."""
    events = into if into is not None else []
    async for event in adapter.stream(request):
        events.append(event)
    return events


def text_in(events: list[RunEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextDelta))


def reasoning_in(events: list[RunEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, ReasoningDelta))


def calls_in(events: list[RunEvent]) -> list[ToolCallPart]:
    return [part for part in fold_all((), events) if isinstance(part, ToolCallPart)]


def inputs_in(events: list[RunEvent]) -> list[Any]:
    return [event.input for event in events if isinstance(event, ToolInputAvailable)]


def assert_well_formed(events: list[RunEvent]) -> None:
    """Every part started once, written only while open, ended; one Finish, and that last. Text and reasoning
    come one after the other, calls of tools may be open beside them."""
    assert [event.type for event in events].count("finish") == 1
    assert events[-1].type == "finish"
    _assert_parts(events)
    _assert_calls(events)
    assert not any(getattr(part, "open", False) for part in fold_all((), events))


def _assert_parts(events: list[RunEvent]) -> None:
    started: set[str] = set()
    current = ""
    for event in events:
        part_id = getattr(event, "part_id", "")
        if event.type in ("text-start", "reasoning-start"):
            assert not current
            assert part_id not in started
            started.add(part_id)
            current = part_id
        elif part_id:
            assert part_id == current
            current = "" if event.type.endswith("-end") else current
    assert not current


def _assert_calls(events: list[RunEvent]) -> None:
    stages: dict[str, list[str]] = {}
    for event in events:
        if event.type.startswith("tool-"):
            stages.setdefault(getattr(event, "tool_call_id", ""), []).append(event.type)
    for call_id, types in stages.items():
        assert call_id
        assert types[0] == "tool-input-start"
        assert types.count("tool-input-start") == types.count("tool-input-available") == 1
        written = types[1 : types.index("tool-input-available")]
        assert set(written) == {"tool-input-delta"}
