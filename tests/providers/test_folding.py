"""`fold` against the cases that its twin in the browser is held to, and what holds for any events at all."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import events
from providers.folding import closing_events, fold, fold_all, merge_deltas
from providers.parts import Parts, TextPart, parts_from_json, parts_to_json, text_of

CASES = json.loads((Path(__file__).parent.parent / "cases" / "fold.json").read_text())

part_ids = st.sampled_from(["a", "b"])
any_event: st.SearchStrategy[events.RunEvent] = st.one_of(
    st.builds(events.TextStart, part_id=part_ids),
    st.builds(events.TextDelta, part_id=part_ids, delta=st.text(max_size=3)),
    st.builds(events.TextEnd, part_id=part_ids),
    st.builds(events.ReasoningStart, part_id=part_ids),
    st.builds(events.ReasoningDelta, part_id=part_ids, delta=st.text(max_size=3)),
    st.builds(events.ReasoningEnd, part_id=part_ids, signature=st.sampled_from(["", "sealed"])),
    st.builds(events.ToolInputStart, tool_call_id=part_ids, tool_name=part_ids),
    st.builds(events.ToolInputDelta, tool_call_id=part_ids, delta=st.text(max_size=3)),
    st.builds(events.ToolInputAvailable, tool_call_id=part_ids, error=st.sampled_from(["", "not JSON"])),
    st.builds(events.ToolApprovalRequest, tool_call_id=part_ids, tool_name=part_ids, arguments=st.just("{}")),
    st.builds(
        events.ToolApproval,
        tool_call_id=part_ids,
        decision=st.sampled_from(["approve", "reject"]),
        arguments=st.sampled_from([None, "{}"]),
    ),
    st.builds(
        events.ToolOutputAvailable, tool_call_id=part_ids, output=st.integers(), preliminary=st.booleans()
    ),
    st.builds(events.ToolOutputError, tool_call_id=part_ids, code=st.just("tool_failed"), message=part_ids),
    st.builds(events.File, media_type=st.sampled_from(["image/png", "text/csv"]), file_id=part_ids),
    st.builds(events.Retry, attempt=st.just(2), delay_ms=st.just(5), reason=part_ids),
    st.builds(events.Fallback, from_=part_ids, to=part_ids, reason=part_ids),
    st.builds(events.Source, source_id=part_ids),
    st.builds(events.Data, name=part_ids, value=st.integers()),
    st.builds(events.AttemptStart, attempt=st.integers(2, 3)),
    st.builds(events.Finish),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_shared_cases(case: dict[str, Any]) -> None:
    happened = [events.decode_event(json.dumps(event)) for event in case["events"]]
    assert fold_all((), happened) == parts_from_json(case["parts"])


@given(st.lists(any_event, max_size=30))
def test_merged_deltas_fold_to_the_same(batch: list[events.RunEvent]) -> None:
    merged = merge_deltas(batch)
    assert fold_all((), merged) == fold_all((), batch)
    assert len(merged) <= len(batch)


@given(st.lists(any_event, max_size=30), st.integers(0, 30))
def test_folding_can_be_interrupted_anywhere(batch: list[events.RunEvent], cut: int) -> None:
    kept = parts_from_json(parts_to_json(fold_all((), batch[:cut])))
    assert fold_all(kept, batch[cut:]) == fold_all((), batch)


@given(st.lists(any_event, max_size=30))
def test_closing_events_close_everything(batch: list[events.RunEvent]) -> None:
    parts = fold_all((), batch)
    closed = fold_all(parts, closing_events(parts))
    assert not any(getattr(part, "open", False) for part in closed)
    assert text_of(closed) == text_of(parts)


def test_a_run_of_deltas_becomes_one() -> None:
    batch = [events.TextDelta(part_id="a", delta=letter) for letter in "merged"]
    assert merge_deltas(batch) == [events.TextDelta(part_id="a", delta="merged")]


def test_folding_leaves_the_old_parts_alone() -> None:
    before: Parts = (TextPart(id="a", text="x", open=True),)
    fold(before, events.TextDelta(part_id="a", delta="y"))
    assert before == (TextPart(id="a", text="x", open=True),)


@given(any_event)
def test_an_event_comes_back_from_its_frame(event: events.RunEvent) -> None:
    frame = msgspec.json.encode(event)
    assert json.loads(frame)["type"] == event.type
    assert events.decode_event(frame) == event
