"""The splitter: the WHATWG's rules, whatever the cuts."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import StreamBroken
from providers.sse import SseDecoder, SseEvent

STREAM = (
    b"\xef\xbb\xbf: hello\n\ndata: one\n\ndata:two\r\rdata: a\r\ndata:  b\r\ndata\r\n\r\n"
    b'event: named\ndata: {"x": "\xe4\xbd\xa0"}\n\nid: 7\nretry: 10\n\nevent: empty\n\n:\n\n'
    b"data: \n\nunknown: x\ndata: last\n\n\n\n\ndata: unfinished"
)
EVENTS = [
    SseEvent(b"", b"one"),
    SseEvent(b"", b"two"),
    SseEvent(b"", b"a\n b\n"),
    SseEvent(b"named", '{"x": "你"}'.encode()),
    SseEvent(b"", b""),
    SseEvent(b"", b"last"),
]


def split(stream: bytes, cuts: list[int]) -> list[SseEvent]:
    decoder = SseDecoder()
    points = [0, *sorted(cuts), len(stream)]
    return [event for a, b in pairwise(points) for event in decoder.feed(stream[a:b])]


def test_the_rules_in_one_piece() -> None:
    assert split(STREAM, []) == EVENTS


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_the_rules_in_small_pieces(size: int) -> None:
    assert split(STREAM, list(range(size, len(STREAM), size))) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_no_cut_changes_the_events(cuts: list[int]) -> None:
    assert split(STREAM, cuts) == EVENTS


fragments = st.sampled_from(
    [b"\n", b"\r", b"\r\n", b"data: x", b"data", b":", b"event: e", b" ", b"\xef\xbb\xbf"]
)


@given(st.lists(fragments, max_size=20), st.lists(st.integers(0, 80), max_size=8))
def test_no_cut_changes_any_stream(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pieces)
    assert split(stream, [min(cut, len(stream)) for cut in cuts]) == split(stream, [])


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_an_event_is_given_out_with_its_blank_line(end: bytes) -> None:
    decoder = SseDecoder()
    assert decoder.feed(b"data: now" + end) == []
    assert decoder.feed(end) == [SseEvent(b"", b"now")]


def test_an_unfinished_event_is_never_given_out() -> None:
    assert split(b"data: whole\n\ndata: half\n", []) == [SseEvent(b"", b"whole")]


def test_a_mark_is_only_a_mark_at_the_start() -> None:
    assert split(b"\n\xef\xbb\xbfdata: x\n\n", []) == []


def test_an_event_that_never_ends_breaks_the_stream() -> None:
    decoder = SseDecoder(max_event=1000)
    with pytest.raises(StreamBroken):
        for _ in range(1001):
            decoder.feed(b"x")


def test_many_small_events_are_no_large_one() -> None:
    decoder = SseDecoder(max_event=1000)
    assert sum(len(decoder.feed(b"data: token\n\n" * 50)) for _ in range(50)) == 2500
