"""The kinds of provider that the contract is held to: how each is set up, played and asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.adapters.writing import storable
from providers.contract import Adapter, ChatMessage, ChatRequest, ProviderConfig, Timeouts
from providers.events import ReasoningDelta, RunEvent, TextDelta
from providers.folding import fold_all
from providers.parts import TextPart
from providers.registry import adapter_class
from providers.secrets import Secret
from tests.fakes.provider import FakeProvider

Play = Callable[[FakeProvider, dict[str, Any]], dict[str, Any]]


@dataclass
class Kind:
    """`play` sets up an answer and returns the options that the request needs for it."""

    name: str
    model: str
    url: Callable[[FakeProvider], str]
    play: Play

    def adapter(self, fake: FakeProvider, **timeouts: float) -> Adapter:
        config = ProviderConfig(
            provider_id=self.name,
            kind=self.name,
            base_url=self.url(fake),
            api_key=Secret("sk-of-the-contract"),
            timeouts=Timeouts(**timeouts),
        )
        return adapter_class(self.name)(config)

    def request(self, **options: Any) -> ChatRequest:
        asked = ChatMessage(role="user", parts=(TextPart(text="Say something."),))
        return ChatRequest(model=self.model, messages=(asked,), options=options)


def _over_tcp(fake: FakeProvider, script: dict[str, Any]) -> dict[str, Any]:
    fake.play(**script)
    return {}


def _as_steps(fake: FakeProvider, script: dict[str, Any]) -> dict[str, Any]:
    steps = [{"reasoning": script["reasoning"]}] if script.get("reasoning") else []
    steps += [{"text": storable(script.get("text", "Hello there."))}]
    if "break_after" in script:
        steps += [{"error": "provider_failed"}]
    if "stall_after" in script:
        steps += [{"wait": 600}]
    return {"script": steps}


OPENAI = Kind("openai", "gpt-fake", lambda fake: fake.base_url, _over_tcp)
ANTHROPIC = Kind("anthropic", "claude-fake", lambda fake: fake.root_url, _over_tcp)
DEMO = Kind("demo", "chat", lambda fake: "", _as_steps)
ALL = [OPENAI, ANTHROPIC, DEMO]
NETWORKED = [OPENAI, ANTHROPIC]


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


def assert_well_formed(events: list[RunEvent]) -> None:
    """Every part started once, written only while open, ended; one Finish, and that last."""
    assert [event.type for event in events].count("finish") == 1
    assert events[-1].type == "finish"
    started: set[str] = set()
    current = ""
    for event in events:
        part_id = getattr(event, "part_id", "")
        if event.type.endswith("-start"):
            assert not current
            assert part_id not in started
            started.add(part_id)
            current = part_id
        elif part_id:
            assert part_id == current
            current = "" if event.type.endswith("-end") else current
    assert not current
    assert not any(getattr(part, "open", False) for part in fold_all((), events))
