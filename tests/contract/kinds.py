"""The kinds of provider that come with Parley, as the contract is held to: how each is set up and played."""

from dataclasses import replace
from typing import Any

from providers.adapters.writing import storable
from tests.contract.kind import Kind
from tests.fakes.provider import AGENT, OLLAMA_MODEL, FakeProvider

_OPENAI_REASONS = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "something_new": "other",
}
_RESPONSES_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter", "new": "other"}
_ANTHROPIC_REASONS = {
    "end_turn": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "refusal": "content_filter",
    "model_context_window_exceeded": "context",
    "something_new": "other",
}


def _as_steps(fake: FakeProvider, script: dict[str, Any]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    if script.get("reasoning"):
        steps += [{"reasoning": script["reasoning"]}]
    steps += [{"text": storable(script.get("text", "Hello there."))}]
    steps += [{"tool": call.name, "arguments": call.arguments} for call in script.get("tools", ())]
    if "break_after" in script or "error_after" in script:
        steps += [{"error": "provider_failed"}]
    return {"script": steps}


OPENAI = Kind("openai", "gpt-fake", lambda fake: fake.base_url, reasons=_OPENAI_REASONS)
COMPATIBLE = replace(OPENAI, name="openai-compatible")
AZURE = replace(OPENAI, name="azure", url=lambda fake: fake.root_url)
RESPONSES = replace(OPENAI, name="openai-responses", reasons=_RESPONSES_REASONS)
ANTHROPIC = Kind("anthropic", "claude-fake", lambda fake: fake.root_url, reasons=_ANTHROPIC_REASONS)
OLLAMA = Kind(
    "ollama",
    OLLAMA_MODEL,
    lambda fake: fake.root_url,
    reasons={"stop": "stop", "length": "length", "load": "other"},
)
AGNO = Kind("agno", AGENT, lambda fake: fake.root_url, takes_tools=False)
DEMO = Kind("demo", "chat", lambda fake: "", networked=False, play=_as_steps)

ALL = [OPENAI, COMPATIBLE, AZURE, RESPONSES, ANTHROPIC, OLLAMA, AGNO, DEMO]
