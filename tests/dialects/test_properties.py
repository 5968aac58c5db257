"""What holds in every dialect, for any answer however it was cut."""

import json

import pytest
from hypothesis import given, settings

from chat.dialects.contract import Context
from chat.dialects.encoding import Encoder, without_set_aside
from chat.dialects.openai_responses import OpenAIResponses
from chat.dialects.registry import dialect_names
from providers import events as e
from providers.events import RunEvent
from providers.folding import fold_all
from providers.parts import ToolCallPart, text_of
from tests.dialects.answers import answers
from tests.dialects.readers import CONTEXT, READERS, encoded

SHOWS_CALLS = ["openai-chat", "openai-responses", "anthropic", "ai-sdk", "ag-ui"]
ONE_PART_AT_A_TIME = {"anthropic"}  # the order of parts is that of their ends


def test_there_is_a_reader_of_every_dialect() -> None:
    assert sorted(READERS) == dialect_names()


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None)
@given(answer=answers())
def test_the_text_is_what_is_stored(name: str, answer: list[RunEvent]) -> None:
    read = READERS[name](encoded(name, answer))
    stored = fold_all((), answer)
    assert sorted(read.text) == sorted(text_of(stored))
    if name not in ONE_PART_AT_A_TIME and not _overlaps(answer):
        assert read.text == text_of(stored)


@pytest.mark.parametrize("name", SHOWS_CALLS)
@settings(max_examples=150, deadline=None)
@given(answer=answers())
def test_clients_are_shown_their_calls_and_no_others(name: str, answer: list[RunEvent]) -> None:
    read = READERS[name](encoded(name, answer))
    theirs = [p for p in fold_all((), answer) if isinstance(p, ToolCallPart) and p.executor == "client"]
    shown = sorted(json.dumps(json.loads(arguments or "{}")) for arguments in read.calls.values())
    assert shown == sorted(json.dumps(json.loads(part.arguments)) for part in theirs)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(answer=answers())
def test_no_frame_is_cut_inside_a_character_or_a_line(name: str, answer: list[RunEvent]) -> None:
    body = encoded(name, answer)
    text = body.decode()  # every frame alone is UTF-8, so their sum is
    if name != "text":
        assert len(text.splitlines()) == text.count("\n")


@settings(max_examples=100, deadline=None)
@given(answer=answers())
def test_responses_resume_at_any_sequence_number(answer: list[RunEvent]) -> None:
    whole = encoded("openai-responses", answer)
    count = whole.count(b"event: ")
    for after in {-1, 0, count // 2, count - 1}:
        rest = encoded("openai-responses", answer, starting_after=after)
        assert whole.endswith(rest)
        assert rest.count(b"event: ") == count - after - 1


@settings(max_examples=100, deadline=None)
@given(answer=answers())
def test_the_response_object_holds_what_the_frames_said(answer: list[RunEvent]) -> None:
    dialect = OpenAIResponses(CONTEXT)
    read = READERS["openai-responses"](Encoder(dialect).encode_all(answer))
    items = dialect.response["output"]
    texts = [part["text"] for item in items if item["type"] == "message" for part in item["content"]]
    assert sorted("".join(texts)) == sorted(read.text)
    assert dialect.response["status"] == "completed"
    assert dialect.response["usage"]["total_tokens"] == 10


@pytest.mark.parametrize("name", READERS)
def test_what_was_shown_and_is_set_aside_ends_a_foreign_stream_with_an_error(name: str) -> None:
    told: list[RunEvent] = [
        e.RunStart(provider="demo", model="chat"),
        e.TextStart(part_id="a"),
        e.TextDelta(part_id="a", delta="lost"),
        e.AttemptStart(attempt=2),
        e.TextStart(part_id="b"),
        e.TextDelta(part_id="b", delta="kept"),
        e.TextEnd(part_id="b"),
        e.Finish(),
    ]
    live = encoded(name, told)
    assert b"kept" not in live
    assert b"begun anew" in live
    later = [event for _, event in without_set_aside(list(enumerate(told, 1)))]
    assert READERS[name](encoded(name, later)).text == "kept"


def test_a_restart_before_anything_was_shown_is_no_error() -> None:
    told = [e.RunStart(provider="demo", model="chat"), e.AttemptStart(attempt=2), e.Finish()]
    encoder = Encoder(OpenAIResponses(Context(id="1", model="m", created=0)))
    assert b"response.completed" in encoder.encode_all(told)


def _overlaps(answer: list[RunEvent]) -> bool:
    """Whether a part begins while another is still open."""
    opened = 0
    for event in answer:
        if isinstance(event, e.TextStart | e.ReasoningStart | e.ToolInputStart):
            if opened:
                return True
            opened += 1
        elif isinstance(event, e.TextEnd | e.ReasoningEnd | e.ToolInputAvailable):
            opened -= 1
    return False
