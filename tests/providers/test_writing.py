"""Parts are well formed and text is storable, however a vendor cuts it."""

import base64
import io
import json
import wave

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters.calls import NOT_AN_OBJECT, tool_input
from providers.adapters.writing import Citation, PartWriter, storable
from providers.errors import StreamBroken
from providers.events import (
    AudioDelta,
    File,
    Finish,
    ReasoningEnd,
    RunEvent,
    Source,
    TextDelta,
    ToolInputAvailable,
    ToolInputDelta,
    ToolInputStart,
    ToolOutputAvailable,
)
from providers.folding import fold_all
from providers.parts import ReasoningPart, TextPart, text_of
from tests.contract.kind import assert_well_formed

ANY = st.characters() | st.sampled_from("\ud83d\ude00\0")  # halves of a pair as well


def written(*pieces: str, take_each: bool = True) -> list[RunEvent]:
    writer, events = PartWriter(), []
    for piece in pieces:
        writer.text(piece)
        events += writer.take() if take_each else []
    writer.end()
    return [*events, *writer.take()]


def test_what_comes_together_is_one_delta() -> None:
    events = written("a", "b", "c", take_each=False)
    assert [event.type for event in events] == ["text-start", "text-delta", "text-end"]


def test_a_change_of_kind_ends_the_part() -> None:
    writer = PartWriter()
    for piece in ("a", "b"):
        writer.reasoning(piece)
        writer.text(piece)
    writer.end()
    ids = [getattr(part, "id", "") for part in fold_all((), writer.take())]
    assert ids == ["reasoning-1", "text-1", "reasoning-2", "text-2"]


def test_a_seal_without_text_is_kept() -> None:
    writer = PartWriter()
    writer.sign("sea")
    writer.sign("led")
    writer.text("Hello")
    assert ReasoningEnd(part_id="reasoning-1", signature="sealed") in writer.take()


def test_halves_of_a_pair_are_joined() -> None:
    events = written("x\ud83d", "\ude00y")
    assert text_of(fold_all((), events)) == "x😀y"


@pytest.mark.parametrize(
    ("pieces", "text"),
    [(("\ud83d",), "\ufffd"), (("\ude00",), "\ufffd"), (("\ud83d", "x"), "\ufffdx"), (("a\0b",), "a\ufffdb")],
)
def test_what_cannot_be_stored_is_replaced(pieces: tuple[str, ...], text: str) -> None:
    assert text_of(fold_all((), written(*pieces))) == text


@given(st.lists(st.text(ANY, max_size=5), max_size=8), st.booleans())
def test_any_text_comes_out_storable_and_the_same(pieces: list[str], take_each: bool) -> None:
    parts = fold_all((), written(*pieces, take_each=take_each))
    assert text_of(parts) == storable("".join(pieces))
    text_of(parts).encode()
    assert all(isinstance(part, TextPart | ReasoningPart) and not part.open for part in parts)


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_good_text_is_not_touched(text: str) -> None:
    assert storable(text) == text
    assert all(event.delta for event in written(text) if isinstance(event, TextDelta))


def test_calls_may_be_written_alternately_and_are_closed_in_order() -> None:
    writer = PartWriter()
    writer.text("Let me see.")
    writer.call("a", call_id="1", name="f")
    writer.call("b", call_id="2", name="g")
    for piece in ("{", "}"):
        writer.arguments("a", piece)
        writer.arguments("b", piece)
    writer.text("Meanwhile.")
    writer.end()
    events = writer.take()
    assert_well_formed([*events, Finish()])
    ended = [event.tool_call_id for event in events if isinstance(event, ToolInputAvailable)]
    assert ended == ["1", "2"]


def test_a_call_is_started_when_its_name_is_known() -> None:
    writer = PartWriter()
    writer.call(0, call_id="", name="")
    writer.arguments(0, '{"x"')
    assert writer.take() == []
    writer.call(0, call_id="late", name="f")
    [start, delta] = writer.take()
    assert (start, delta) == (
        ToolInputStart(tool_call_id="late", tool_name="f"),
        ToolInputDelta(tool_call_id="late", delta='{"x"'),
    )


def test_a_call_without_a_name_is_told_all_the_same() -> None:
    writer = PartWriter()
    writer.call(0, name="")
    writer.end()
    assert [event.type for event in writer.take()] == [
        "tool-input-start",
        "tool-input-delta",
        "tool-input-available",
    ]


def test_an_id_is_given_once_in_a_run() -> None:
    writer = PartWriter(taken={"used"})
    for key, told in enumerate(["used", "", "new", "new", "\0"]):
        writer.call(key, call_id=told, name="f")
        writer.end_call(key)
    ids = [event.tool_call_id for event in writer.take() if isinstance(event, ToolInputStart)]
    assert len({*ids, "used"}) == 6
    assert "new" in ids


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(ANY), st.lists))
def test_any_arguments_are_storable_or_refused(value: object) -> None:
    parsed, error = tool_input(json.dumps({"value": value}))
    assert (parsed is None) == bool(error)
    json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
    msgspec.json.encode(parsed)
    assert "\\u0000" not in json.dumps(parsed)


@pytest.mark.parametrize(
    "arguments", ["", "[]", "7", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": ' + "9" * 1000 + "}", "[" * 9999]
)
def test_what_is_no_object_is_an_error(arguments: str) -> None:
    assert tool_input(arguments) == (None, NOT_AN_OBJECT)


def test_sources_are_told_once_and_results_made_storable() -> None:
    writer = PartWriter()
    for _ in range(2):
        writer.source(Citation(url="https://a.example", title="A"))
    writer.source(Citation(quote="of nothing"))
    writer.call(0, name="f", executor="provider")
    call_id = writer.end_call(0)
    writer.output(call_id, {"x": "\0", "n": 2**70})
    writer.output("", "of nobody")
    sources = [event for event in writer.take() if isinstance(event, Source | ToolOutputAvailable)]
    assert sources == [
        Source(source_id="source-1", url="https://a.example", title="A"),
        ToolOutputAvailable(tool_call_id=call_id, output=storable(str({"x": "\0", "n": 2**70}))),
    ]


def test_a_citation_names_the_text_that_is_open_and_its_span() -> None:
    writer = PartWriter()
    writer.source(Citation(title="before any text", start=0, end=3))
    writer.text("Cited")
    writer.source(Citation(file_id="f", place="3", quote="Cited!", start=0, end=writer.length))
    before, cited = (event for event in writer.take() if isinstance(event, Source))
    assert (before.part_id, before.start) == ("", None)
    told = {"file_id": "f", "place": "3", "quote": "Cited!"}
    assert cited == Source(source_id="source-2", part_id="text-1", start=0, end=5, **told)  # type: ignore[arg-type]


def test_raw_samples_become_a_wave_file_and_known_formats_stay() -> None:
    samples = b"\x01\x00" * 1200
    pieces = [base64.b64encode(samples[at : at + 700]).decode() for at in range(0, len(samples), 700)]
    raw, known = PartWriter(), PartWriter()
    for piece in pieces:
        raw.sound(piece)
    raw.end()
    known.sound(base64.b64encode(b"ID3 as it is").decode())
    known.end()
    told = raw.take()
    [file] = [event for event in told if isinstance(event, File)]
    with wave.open(io.BytesIO(base64.b64decode(file.data))) as sound:
        assert (sound.getframerate(), sound.readframes(9999)) == (24_000, samples)
    assert [event.delta for event in told if isinstance(event, AudioDelta)] == pieces
    kept = base64.b64encode(b"ID3 as it is").decode()
    assert known.take() == [File(media_type="audio/mpeg", data=kept)]


def test_sound_without_end_and_sound_that_is_none_break_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.adapters.sound.MOST", 8)
    writer = PartWriter()
    writer.sound("AAAA")
    for piece in ("A", "AAAAAAAAAAAAAAAA"):
        with pytest.raises(StreamBroken):
            writer.sound(piece)
