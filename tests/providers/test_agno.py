"""An Agno agent as a provider: the real package with a model that is played, and AgentOS over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from providers import errors
from providers.adapters.agno import agents
from providers.adapters.agno.adapter import AgnoAdapter
from providers.adapters.agno.agents import register_agno_agent
from providers.adapters.agno.wire import AgnoWire
from providers.contract import ChatMessage, ChatRequest, ProviderConfig, Timeouts
from providers.events import Finish, RunEvent, Usage, UsageReport
from providers.folding import fold_all
from providers.parts import SourcePart, TextPart, ToolCallPart, ToolResultPart
from providers.secrets import Secret
from providers.sse import SseEvent
from tests.contract.kind import assert_well_formed, collect, reasoning_in, text_in
from tests.fakes.provider import FakeProvider

pytest.importorskip("agno", reason="the extra `agno` is not installed")

from agno.agent import Agent
from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.response import ModelResponse

CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}


@dataclass
class PlayedModel(Model):
    """Thinks, calls `add`, and answers with what it gave back."""

    id: str = "played"
    fails: bool = False
    waits: float = 0.0

    async def ainvoke_stream(self, messages: Any, *args: Any, **kwargs: Any) -> AsyncIterator[ModelResponse]:
        if self.fails:
            raise RuntimeError("raw words")
        await asyncio.sleep(self.waits)
        results = [message.content for message in messages if message.role == "tool"]
        if not results:
            yield ModelResponse(reasoning_content="Hm.")
            yield ModelResponse(tool_calls=[CALL])
            return
        said = [message.content for message in messages if message.role in ("user", "assistant")]
        for piece in (f"{said[0]}: ", *results):
            yield ModelResponse(content=piece)
        yield ModelResponse(response_usage=MessageMetrics(input_tokens=4, output_tokens=3, total_tokens=7))

    def invoke(self, *args: Any, **kwargs: Any) -> Any: ...
    async def ainvoke(self, *args: Any, **kwargs: Any) -> Any: ...
    def invoke_stream(self, *args: Any, **kwargs: Any) -> Any: ...
    def _parse_provider_response(self, response: Any, **kwargs: Any) -> Any: ...
    def _parse_provider_response_delta(self, response: Any) -> Any: ...


def add(a: int, b: int) -> str:
    """Adds."""
    return f"sum {a + b}"


def make_agent(**model: Any) -> Agent:
    return Agent(model=PlayedModel(**model), tools=[add], telemetry=False)


@pytest.fixture(autouse=True)
def _none_registered() -> Iterator[None]:
    yield
    agents._agents.clear()


def local(**timeouts: float) -> AgnoAdapter:
    return AgnoAdapter(ProviderConfig(provider_id="p", kind="agno", timeouts=Timeouts(**timeouts)))


def asking(*texts: str, model: str = "adder") -> ChatRequest:
    roles: Any = ("user", "assistant")
    said = [ChatMessage(role=roles[n % 2], parts=(TextPart(text=t),)) for n, t in enumerate(texts)]
    return ChatRequest(model=model, messages=tuple(said))


@pytest.mark.parametrize("target", [make_agent, make_agent(), f"{__name__}:make_agent"])
async def test_an_agent_of_this_process_answers(target: Any) -> None:
    register_agno_agent("adder", target)
    assert [model.id for model in await local().models()] == ["adder"]
    events = await collect(local(), asking("Earlier", "Yes", "Add!"))
    assert_well_formed(events)
    assert (text_in(events), reasoning_in(events)) == ("Earlier: sum 3", "Hm.")
    call, result = [p for p in fold_all((), events) if isinstance(p, ToolCallPart | ToolResultPart)]
    assert isinstance(call, ToolCallPart)
    assert (call.name, call.executor, json.loads(call.arguments)) == ("add", "provider", {"a": 1, "b": 2})
    assert result == ToolResultPart(id=call.id, output="sum 3")
    assert events[-2:] == [UsageReport(usage=Usage(input_tokens=4, output_tokens=3)), Finish(reason="stop")]


async def test_many_runs_of_one_agent_do_not_mix() -> None:
    register_agno_agent("adder", make_agent(waits=0.01))
    answers = await asyncio.gather(*(collect(local(), asking(f"q{n}")) for n in range(8)))
    assert [text_in(events) for events in answers] == [f"q{n}: sum 3" for n in range(8)]


async def test_an_agent_that_fails_is_a_provider_that_fails() -> None:
    register_agno_agent("adder", make_agent(fails=True))
    with pytest.raises(errors.ProviderFailed) as caught:
        await collect(local(), asking("Add!"))
    assert "raw words" in caught.value.detail
    assert "raw words" not in caught.value.message


async def test_an_agent_that_is_silent_times_out() -> None:
    register_agno_agent("adder", make_agent(waits=600))
    with pytest.raises(errors.ProviderTimeout):
        await collect(local(first_token=0.3), asking("Add!"))


async def test_cancelling_stops_the_agent() -> None:
    register_agno_agent("adder", make_agent(waits=600))
    task = asyncio.create_task(collect(local(), asking("Add!")))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("no.such.module:agent", errors.ProviderUnreachable),
        ("json:nothing", errors.ProviderUnreachable),
        ("", errors.ProviderUnreachable),
        (None, errors.ModelNotFound),
    ],
)
async def test_an_agent_that_is_not_there(target: Any, error: type[errors.ProviderError]) -> None:
    if target is not None:
        register_agno_agent("adder", target)
    with pytest.raises(error):
        await collect(local(), asking("Add!"))


async def test_agentos_is_asked_with_a_form(fake: FakeProvider) -> None:
    config = ProviderConfig(provider_id="p", kind="agno", base_url=fake.root_url, api_key=Secret("os-key"))
    await collect(AgnoAdapter(config), asking("Earlier", "Yes", "Now?", model="agent-fake"))
    [request] = fake.requests
    assert (request.method, request.path) == ("POST", "/agents/agent-fake/runs")
    assert request.headers["authorization"] == "Bearer os-key"
    assert request.body["stream"] == "true"
    assert request.body["message"].endswith("user: Earlier\n\nassistant: Yes\n\nNow:\n\nNow?")


@pytest.mark.parametrize("name", ["../teams/x", "a?b", "a b", "é"])
async def test_a_model_is_no_path(fake: FakeProvider, name: str) -> None:
    config = ProviderConfig(provider_id="p", kind="agno", base_url=fake.root_url)
    with pytest.raises(errors.ModelNotFound):
        await collect(AgnoAdapter(config), asking("Hi", model=name))
    assert not fake.requests


def played(*told: dict[str, Any]) -> list[RunEvent]:
    wire = AgnoWire()
    for event in told:
        wire.read(SseEvent(b"", json.dumps(event).encode()))
    return wire.finish()


def test_a_team_a_whole_answer_and_citations_are_read() -> None:
    cited = {"urls": [{"url": "https://a.example", "title": "A"}]}
    events = played(
        {"event": "TeamRunContent", "content": "", "citations": cited},
        {"event": "TeamRunCompleted", "content": {"answer": 1}},
    )
    parts = [
        SourcePart(id="source-1", url="https://a.example", title="A"),
        TextPart(id="text-1", text='{"answer": 1}'),
    ]
    assert list(fold_all((), events)) == parts


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"event": "RunCancelled", "reason": "raw"}, errors.ProviderRefused),
        ({"event": "RunError", "content": "raw", "error_type": "x"}, errors.ProviderFailed),
    ],
)
def test_a_run_that_ends_badly(told: dict[str, Any], error: type[errors.ProviderError]) -> None:
    with pytest.raises(error):
        played(told)


def test_a_run_that_waits_for_a_person_is_a_pause() -> None:
    assert played({"event": "RunContent", "content": "May I?"}, {"event": "RunPaused"})[-1].reason == "pause"  # type: ignore[union-attr]


def test_a_tool_that_fails_there_is_told() -> None:
    tool = {"tool_call_id": "c", "tool_name": "f", "tool_args": {}}
    events = played(
        {"event": "ToolCallStarted", "tool": tool},
        {"event": "ToolCallCompleted", "tool": {**tool, "tool_call_error": True, "result": "No."}},
        {"event": "ToolCallStarted", "tool": {**tool, "tool_call_id": "d"}},
        {"event": "ToolCallError", "tool": {**tool, "tool_call_id": "d"}, "error": "Never."},
        {"event": "RunCompleted", "content": "x"},
    )
    results = [part for part in fold_all((), events) if isinstance(part, ToolResultPart)]
    assert [(part.id, part.error) for part in results] == [("c", "No."), ("d", "Never.")]
