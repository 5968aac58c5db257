"""What holds for every pace: the text is the same, in order, and no character is cut."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.pacing.paces import Buffered, Chunked, Pace, Standard, prioritised
from chat.pacing.pacing import paced
from providers import events as e
from providers.events import RunEvent
from providers.folding import fold_all
from tests.dialects.answers import answers

MAKERS = {
    "standard": Standard,
    "buffered": Buffered,
    "buffered small": lambda: Buffered(5, 0.001),
    "chunked": lambda: Chunked(3),
    "words": lambda: Chunked(by="word"),
    "sentences": lambda: Chunked(by="sentence"),
    "paragraphs": lambda: Chunked(by="paragraph"),
}


def run(pace: Pace, told: list[RunEvent]) -> list[RunEvent]:
    shown = [event for step, event in enumerate(told) for event in pace.feed(event, step / 10)]
    return [*shown, *pace.flush()]


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=100, deadline=None)
@given(answer=answers())
def test_the_answer_is_the_same(name: str, answer: list[RunEvent]) -> None:
    assert fold_all((), run(MAKERS[name](), answer)) == fold_all((), answer)


@settings(max_examples=100, deadline=None)
@given(answer=answers())
def test_the_urgent_first_is_the_same_answer(answer: list[RunEvent]) -> None:
    shown = prioritised(answer)

    def key(part: object) -> tuple[str, str]:
        return type(part).__name__, getattr(part, "id", "")

    assert sorted(fold_all((), shown), key=key) == sorted(fold_all((), answer), key=key)
    assert shown[-1] == answer[-1]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(alphabet="a👩\u200d👧e\u0301🇳🇴\r\n .。", min_size=1, max_size=40),
    cut=st.integers(1, 7),
    by=st.sampled_from(["", "word", "sentence", "paragraph"]),
)
def test_a_chunk_ends_where_a_character_ends(text: str, cut: int, by: str) -> None:
    told: list[RunEvent] = [
        e.TextDelta(part_id="t", delta=text[i : i + cut]) for i in range(0, len(text), cut)
    ]
    pieces = [event.delta for event in run(Chunked(2, by), told) if isinstance(event, e.TextDelta)]
    ends = {match.end() for match in regex.finditer(r"\X", text)}
    position = 0
    for piece in pieces:
        position += len(piece)
        assert position in ends


def test_sentences_come_whole() -> None:
    told: list[RunEvent] = [e.TextDelta(part_id="t", delta=piece) for piece in ("One. T", "wo! 三。四", "。")]
    pieces = [event.delta for event in run(Chunked(by="sentence"), told)]  # type: ignore[union-attr]
    assert pieces == ["One. ", "Two! ", "三。", "四。"]


def test_no_text_is_lost_where_a_dot_ends_no_sentence() -> None:
    told: list[RunEvent] = [e.TextDelta(part_id="t", delta="!pi is 3.14. Yes.\n")]
    assert [event.delta for event in run(Chunked(by="sentence"), told)] == ["!pi is 3.14. ", "Yes.\n"]  # type: ignore[union-attr]


def test_what_has_no_end_is_cut_by_size() -> None:
    told: list[RunEvent] = [e.TextDelta(part_id="t", delta="x" * 10000)]
    assert [len(event.delta) for event in run(Chunked(by="word"), told)] == [4096, 4096, 1808]  # type: ignore[union-attr]


def test_errors_go_before_tools_and_tools_before_text() -> None:
    text = e.TextDelta(part_id="t", delta="x")
    call = e.ToolOutputAvailable(tool_call_id="a", output=1)
    failed = e.ToolOutputError(tool_call_id="b", code="c", message="m")
    assert prioritised([text, call, failed, e.Finish()]) == [failed, call, text, e.Finish()]


async def test_what_is_held_is_shown_after_the_interval() -> None:
    closed = []

    async def told() -> AsyncGenerator[RunEvent, None]:
        try:
            yield e.TextDelta(part_id="t", delta="early")
            while True:
                await never.wait()
        finally:
            closed.append(True)

    never = asyncio.Event()
    stream = paced(told(), Buffered(1024, 0.01))
    assert await anext(stream) == e.TextDelta(part_id="t", delta="early")
    await stream.aclose()
    assert closed
