"""Answers of every shape: parts in any order, deltas cut anywhere, tools of both sides."""

import json
from typing import Any

from hypothesis import strategies as st

from providers import events as e
from providers.events import RunEvent

texts = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
)
pieces = st.lists(texts, max_size=5)
values = st.dictionaries(texts, texts | st.integers(-9, 9), max_size=3)


def text(part_id: str, deltas: list[str]) -> list[RunEvent]:
    middle = [e.TextDelta(part_id=part_id, delta=delta) for delta in deltas]
    return [e.TextStart(part_id=part_id), *middle, e.TextEnd(part_id=part_id)]


def reasoning(part_id: str, deltas: list[str]) -> list[RunEvent]:
    middle = [e.ReasoningDelta(part_id=part_id, delta=delta) for delta in deltas]
    return [e.ReasoningStart(part_id=part_id), *middle, e.ReasoningEnd(part_id=part_id, signature="sealed")]


def call(call_id: str, executor: e.Executor, value: dict[str, Any], cut: int) -> list[RunEvent]:
    arguments = json.dumps(value, ensure_ascii=False)
    cuts = [arguments[:cut], arguments[cut:]]
    told: list[RunEvent] = [
        e.ToolInputStart(tool_call_id=call_id, tool_name="look_up", executor=executor),
        *(e.ToolInputDelta(tool_call_id=call_id, delta=piece) for piece in cuts if piece),
        e.ToolInputAvailable(tool_call_id=call_id, input=value),
    ]
    if executor == "server":
        told.append(e.ToolOutputAvailable(tool_call_id=call_id, output={"found": value}, duration_ms=3))
    return told


@st.composite
def answers(draw: st.DrawFn) -> list[RunEvent]:
    """A whole run that finished."""
    parts: list[list[RunEvent]] = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["text", "text", "reasoning", "client", "server"]))
        if kind == "text":
            parts.append(text(f"text-{number}", draw(pieces)))
        elif kind == "reasoning":
            parts.append(reasoning(f"reasoning-{number}", draw(pieces)))
        else:
            cut = draw(st.integers(0, 9))
            parts.append(call(f"call-{number}", kind, draw(values), cut))  # type: ignore[arg-type]
    middle = _interleaved(draw, parts) if draw(st.booleans()) else [event for part in parts for event in part]
    usage = e.Usage(input_tokens=7, output_tokens=3)
    end = [e.UsageReport(usage=usage), e.Finish(reason="stop", usage=usage, cost="0.1")]
    return [e.RunStart(provider="demo", model="chat"), *middle, *end]


def _interleaved(draw: st.DrawFn, parts: list[list[RunEvent]]) -> list[RunEvent]:
    """As vendors do it that write several calls at once: each part in its own order."""
    left = [list(part) for part in parts]
    told = []
    while left := [part for part in left if part]:
        told.append(draw(st.sampled_from(left)).pop(0))
    return told
