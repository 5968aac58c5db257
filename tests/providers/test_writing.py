"""Parts are well formed and text is storable, however a vendor cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters.writing import PartWriter, storable
from providers.events import ReasoningEnd, RunEvent, TextDelta
from providers.folding import fold_all
from providers.parts import ReasoningPart, TextPart, text_of

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
