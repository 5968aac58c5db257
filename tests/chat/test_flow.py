"""The bookkeeping of one reader, without a socket."""

import asyncio

import pytest

from chat.flow import WINDOW, Allowance, Flow

SIZE = 8 * 1024


def _sent(flow: Flow, first: int, count: int, now: float = 0.0) -> int:
    for seq in range(first, first + count):
        flow.count("run:a", seq, SIZE, now)
    return first + count - 1


def test_who_never_acknowledges_is_not_held_back() -> None:
    flow = Flow()
    _sent(flow, 1, 1000)
    assert not flow.is_slow(0)
    assert not flow.is_stuck(1000, 30)


def test_an_acknowledged_entry_stands_for_all_before_it() -> None:
    flow = Flow()
    flow.count("session:b", 7, SIZE, 0)
    last = _sent(flow, 1, 50)
    flow.acknowledge({"run:a": last}, 0)
    assert flow.unacknowledged == 0


def test_an_entry_between_two_marks_counts_as_the_mark_before_it() -> None:
    flow = Flow()
    _sent(flow, 1, 50)
    flow.acknowledge({"run:a": 12}, 0)
    assert 38 * SIZE <= flow.unacknowledged <= 40 * SIZE


async def test_beyond_the_window_it_waits_for_an_acknowledgement() -> None:
    flow = Flow()
    flow.count("run:a", 1, SIZE, 0)
    flow.acknowledge({"run:a": 1}, 0)
    last = _sent(flow, 2, WINDOW // SIZE + 1, now=10)
    assert flow.is_slow(10)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(flow.room(), 0.01)
    flow.acknowledge({"run:a": last}, 11)
    await flow.room()
    assert not flow.is_slow(11)


def test_stuck_is_who_acknowledges_nothing_new_for_so_long() -> None:
    flow = Flow()
    flow.acknowledge({}, 0)
    last = _sent(flow, 1, WINDOW // SIZE + 1, now=100)
    assert not flow.is_stuck(129, 30)
    assert flow.is_stuck(131, 30)
    flow.acknowledge({"run:a": last // 4}, 131)
    assert flow.is_slow(131)
    assert not flow.is_stuck(160, 30)
    flow.acknowledge({"run:a": last // 4}, 161)  # nothing new
    assert flow.is_stuck(162, 30)


def test_a_send_that_does_not_return_is_stuck_too_and_long_ones_may_take_longer() -> None:
    flow = Flow()
    flow.begin(100, 0)
    assert flow.is_slow(2)
    assert flow.is_stuck(31, 30)
    flow.end(100, 31)
    assert not flow.is_stuck(1000, 30)
    flow.begin(WINDOW, 0)
    assert not flow.is_stuck(31, 30)


def test_other_streams_begin_with_a_clean_slate() -> None:
    flow = Flow()
    flow.acknowledge({}, 0)
    _sent(flow, 1, 2 * WINDOW // SIZE)
    flow.restart()
    assert not flow.is_slow(0)
    assert flow.unacknowledged == 0


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(100)
    assert sum(allowance.take(5.0) for _ in range(500)) == 200
    assert sum(allowance.take(5.5) for _ in range(500)) == 50
