"""Joined chunks: what an HTTP parser makes of an answer is the same, and it has less to do."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.chunking import ChunkJoiner

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
chunks = st.lists(st.binary(min_size=1, max_size=40), max_size=12)


def chunked(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX-After: 1\r\n\r\n"


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    reads, at = [], 0
    for size in sizes:
        reads.append(data[at : at + size])
        at += size
    return [read for read in [*reads, data[at:]] if read]


def parsed(reads: list[bytes], joiner: ChunkJoiner | None) -> tuple[bytes, int, str]:
    """The body, the number of pieces that it came in, and how it ended."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="POST", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    body: list[bytes] = []
    try:
        for read in [*reads, b"", b""]:
            fed = joiner.feed(read) if joiner else read
            if read and not fed:
                continue
            parser.receive_data(fed)
            while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.EndOfMessage):
                    return b"".join(body), len(body), "complete"
                if isinstance(event, h11.Data):
                    body.append(bytes(event.data))
                if isinstance(event, h11.ConnectionClosed):
                    break
    except h11.RemoteProtocolError:
        return b"".join(body), len(body), "broken"
    return b"".join(body), len(body), "open"


@given(chunks, st.lists(st.integers(1, 60), max_size=20))
def test_however_it_is_chunked_and_cut_the_body_is_the_same(pieces: list[bytes], sizes: list[int]) -> None:
    reads = cut(HEAD + chunked(pieces), sizes)
    body, count, end = parsed(reads, ChunkJoiner())
    assert (body, end) == (b"".join(pieces), "complete")
    assert count <= len(reads)


@given(chunks, st.integers(0, 400), st.binary(max_size=6), st.lists(st.integers(1, 60), max_size=20))
def test_what_is_broken_is_broken_behind_it_too(
    pieces: list[bytes], place: int, noise: bytes, sizes: list[int]
) -> None:
    """Bytes put in anywhere, or an end too soon. Only the part of the body before the break may differ."""
    body = chunked(pieces)
    place = min(place, len(body))
    for broken in (body[:place] + noise + body[place:], body[:place]):
        reads = cut(HEAD + broken, sizes)
        told, plain = parsed(reads, ChunkJoiner()), parsed(reads, None)
        assert told[2] == plain[2]
        assert told[0] == plain[0] or plain[2] != "complete"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n",
    ],
)
def test_what_is_not_chunked_is_left_alone(head: bytes) -> None:
    joiner = ChunkJoiner()
    data = head + b"5\r\nhello\r\n0\r\n\r\n"
    assert b"".join(map(joiner.feed, cut(data, [1] * len(data)))) == data


def test_an_answer_after_hints_and_a_second_one_are_joined_too() -> None:
    joiner = ChunkJoiner()
    told = chunked([b"a", b"b", b"c"])
    joined = b"3\r\nabc\r\n0\r\nX-After: 1\r\n\r\n"
    hints = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    assert joiner.feed(hints + HEAD + told) == hints + HEAD + joined
    joiner.begin()
    assert joiner.feed(HEAD + told) == HEAD + joined
