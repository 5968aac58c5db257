"""The measurements: answers at a load, small requests, one run with many viewers, idle sockets."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bench.figures import Figures, answer_figures
from bench.targets import Parley, Reader, Target
from bench.tokens import Answer, Model
from bench.usage import Meter, resident_bytes

WARM_UP: Final = Model(tokens=10, interval_ms=5, delay_ms=20)
SMALL: Final = Model(tokens=1, interval_ms=0, delay_ms=0)
SETTLE_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 2.0  # over which the CPU of idle sockets is counted
FIRST_SOCKETS: Final = 20  # opened before idle memory is counted, so that what is made once is not


async def load(target: Target, runs: int, model: Model, answers: int) -> Figures:
    """So many runs at any time, each followed by the next one; starts are spread over one answer's length."""
    readers = await _warm(target, runs)
    meter = Meter(target.pid)
    jobs = [_ask(reader, model, answers, model.seconds * n / runs) for n, reader in enumerate(readers)]
    received = await asyncio.gather(*jobs)
    figures = answer_figures([answer for group in received for answer in group], meter.spent())
    await _close(readers)
    return figures


async def requests(target: Target, runs: int, answers: int) -> Figures:
    """Answers of one token, one after the other on every connection: what a request costs."""
    return await load(target, runs, SMALL, answers)


async def fan_out(target: Parley, viewers: int, model: Model) -> Figures:
    """One run, and so many sockets that look on."""
    (session_id,) = await target.sessions(1)
    readers = [await target.viewer(session_id) for _ in range(viewers)]
    await readers[0].ask(WARM_UP)
    await asyncio.sleep(SETTLE_SECONDS)
    answers = [reader.expect(model) for reader in readers[1:]]
    meter = Meter(target.pid)
    answers.append(await readers[0].ask(model))
    await asyncio.gather(*(reader.ended(model) for reader in readers))
    figures = answer_figures(answers, meter.spent())
    figures["events_per_second"] = figures["events_per_token"] * figures["tokens_per_second"]
    figures["holes"] = sum(reader.holes for reader in readers)
    await _close(readers)
    return figures


async def idle_sockets(target: Parley, count: int) -> Figures:
    """Memory that a signed-in socket takes, subscribed to a session of its own, while nothing happens."""
    sessions = await target.sessions(FIRST_SOCKETS + count)
    readers: list[Reader] = [await target.viewer(id_) for id_ in sessions[:FIRST_SOCKETS]]
    await asyncio.sleep(SETTLE_SECONDS)
    before = resident_bytes(target.pid)
    readers += [await target.viewer(id_) for id_ in sessions[FIRST_SOCKETS:]]
    await asyncio.sleep(SETTLE_SECONDS)
    grown = resident_bytes(target.pid) - before
    meter = Meter(target.pid)
    await asyncio.sleep(IDLE_SECONDS)
    spent = meter.spent()
    await _close(readers)
    return {
        "sockets": count,
        "kib_per_socket": grown / 1024 / count,
        "server_core": spent.server / spent.wall,
    }


async def _warm(target: Target, runs: int) -> Sequence[Reader]:
    readers = await target.readers(runs)
    await asyncio.gather(*(reader.ask(WARM_UP) for reader in readers))
    await asyncio.sleep(SETTLE_SECONDS)
    return readers


async def _ask(reader: Reader, model: Model, answers: int, delay: float) -> list[Answer]:
    await asyncio.sleep(delay)
    return [await reader.ask(model) for _ in range(answers)]


async def _close(readers: Sequence[Reader]) -> None:
    for reader in readers:
        await reader.close()
